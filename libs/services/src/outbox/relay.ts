import { type Leaving, lanesOf, leavingOf, type Waiting } from './leaving.js';

/** The outbox as the relay needs it. */
export interface RelayOutbox {
  read(limit: number): Promise<readonly Waiting[]>;
  remove(rows: readonly number[]): Promise<void>;
}

/** The end of a subject: its last message. `seq` 0 where it has none. */
export interface SubjectEnd {
  readonly seq: number;
  readonly id: string;
}

/** The stream as the relay needs it; EventStream is one. */
export interface RelayStream {
  /** Largest message, headers included. */
  readonly maxBytes: number;
  /** @throws Error if it is not known whether the stream has it */
  publish(
    subject: string,
    payload: string,
    options: { id: string; after: number },
  ): Promise<{ readonly seq: number } | 'outrun'>;
  last(subject: string): Promise<SubjectEnd | null>;
  erase(roomId: string, epoch: string, seq: number): Promise<void>;
}

/** Is told how it goes. */
export interface RelayMonitor {
  acknowledged(durationMs: number): void;
  /** The stream did not take it now; it stays for the next pass. */
  failed(error: unknown): void;
  /** It is larger than the broker takes, and lost. */
  tooLarge(subject: string, bytes: number): void;
}

/** Events of one pass: at most so many are in the stream and still in the outbox when a relay dies. */
export const PASS = 500;
/** What was read longer ago may have been redacted since. */
const STALE_MS = 1000;
/** Ends that are remembered: about 300 bytes each. */
const MAX_ENDS = 20_000;
/** What a message has besides its payload. */
const HEADER_BYTES = 1024;

const UNKNOWN_END: SubjectEnd = { seq: 0, id: '' };

/**
 * Carries events from the outbox into the stream: those of a room one behind the other, many rooms at once, each exactly
 * once, also when a relay dies anywhere or two are at work. An event is put behind the message that was the last of its
 * subject *before the outbox was read*: if anybody has put something there since, the stream refuses it, and whoever looks
 * again finds it there or in the outbox, never in both without knowing.
 */
export class Relay {
  private readonly ends = new Map<string, SubjectEnd>();
  /** In the stream, and perhaps still in the outbox. */
  private gone: number[] = [];
  /** Of the pass that is running. */
  private left = 0;

  constructor(
    private readonly outbox: RelayOutbox,
    private readonly stream: RelayStream,
    private readonly monitor: RelayMonitor,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * Carries the oldest events.
   * @returns how many have left, and whether others wait
   * @throws HubbubError ServerError of the outbox; what the stream does not take is told to the monitor
   */
  async pass(): Promise<{ readonly left: number; readonly more: boolean }> {
    await this.forget();
    this.left = 0;
    let events = await this.read(PASS);
    // Further than a pass goes, so that all that another relay may have left behind is found, also among what came later.
    if (await this.learnEnds(events)) events = await this.read(2 * PASS);
    const readAt = this.now();
    const upTo = events[PASS - 1]?.row ?? Number.POSITIVE_INFINITY;
    await Promise.all(lanesOf(events).map((lane) => this.carry(lane, { readAt, upTo })));
    await this.forget();
    return { left: this.left, more: events.length > this.left };
  }

  private async read(limit: number): Promise<Leaving[]> {
    return (await this.outbox.read(limit)).map(leavingOf);
  }

  private async forget(): Promise<void> {
    if (this.gone.length === 0) return;
    const rows = this.gone;
    this.gone = [];
    try {
      await this.outbox.remove(rows);
    } catch (error) {
      this.gone.push(...rows);
      throw error;
    }
  }

  /** Asks where the subjects end of which it is not known. @returns whether there were any */
  private async learnEnds(events: readonly Leaving[]): Promise<boolean> {
    if (this.ends.size > MAX_ENDS) this.ends.clear();
    const unknown = new Set(events.map(({ subject }) => subject).filter((subject) => !this.ends.has(subject)));
    await Promise.all(
      [...unknown].map(async (subject) => {
        try {
          this.ends.set(subject, (await this.stream.last(subject)) ?? UNKNOWN_END);
        } catch (error) {
          this.monitor.failed(error);
        }
      }),
    );
    return unknown.size > 0;
  }

  /** Carries what can be carried of one room, in order; the rest stays for the next pass. */
  private async carry(lane: readonly Leaving[], { readAt, upTo }: { readAt: number; upTo: number }): Promise<void> {
    const there = this.alreadyThere(lane);
    for (const event of lane) {
      if (event.row > upTo) return;
      if (!there.has(event.row) && event.payload !== null && !(await this.put(event, event.payload, readAt))) return;
      this.gone.push(event.row);
      this.left++;
    }
  }

  /** Rows that left in an earlier pass, whose relay did not come to remove them: up to the last one in the stream. */
  private alreadyThere(lane: readonly Leaving[]): Set<number> {
    const rows = new Set<number>();
    const passed = new Set<string>();
    for (const { row, subject, id } of lane.toReversed()) {
      if (this.ends.get(subject)?.id === id) passed.add(subject);
      if (passed.has(subject)) rows.add(row);
    }
    return rows;
  }

  /** @returns whether the stream has it now, or never will */
  private async put(event: Leaving, payload: string, readAt: number): Promise<boolean> {
    const { subject, id, erases, roomId } = event;
    const end = this.ends.get(subject);
    const startedAt = this.now();
    if (end === undefined || startedAt - readAt > STALE_MS) return false;
    const bytes = Buffer.byteLength(payload) + HEADER_BYTES;
    if (bytes > this.stream.maxBytes) {
      this.monitor.tooLarge(subject, bytes);
      return true;
    }
    try {
      if (erases !== undefined && roomId !== null) {
        // What was erased is not found there any more: it would be put there again.
        await this.forget();
        await this.stream.erase(roomId, erases.epoch, erases.seq);
      }
      const published = await this.stream.publish(subject, payload, { id, after: end.seq });
      if (published !== 'outrun') {
        this.ends.set(subject, { seq: published.seq, id });
        this.monitor.acknowledged(this.now() - startedAt);
        return true;
      }
    } catch (error) {
      this.monitor.failed(error);
    }
    this.ends.delete(subject);
    return false;
  }
}
