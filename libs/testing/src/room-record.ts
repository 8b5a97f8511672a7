import type { MessageId } from '@hubbub/protocol';
import { Ledger, ranges } from './ledger.js';
import type { Frame } from './test-client.js';

/** A connection, as far as a record looks at it. */
export interface Recorded {
  readonly name: string;
  readonly frames: readonly Frame[];
  /** Its commands by their ids. */
  readonly posted: ReadonlyMap<MessageId, { readonly data: unknown }>;
  /** Set when it has ended. */
  readonly ending: unknown;
}

/** A connection's stay in the room, from a join to a leave. */
interface Stay {
  readonly epoch: string;
  readonly ledger: Ledger;
  isOver: boolean;
}

/** One numbering of the room: what it says where, and how far it goes. */
interface Log {
  head: number;
  /** By `seq`, as JSON. */
  readonly contents: Map<number, string>;
}

interface MessageData {
  readonly room_id: string;
  readonly epoch: string;
  readonly seq?: number;
  readonly content?: unknown;
  readonly redacted?: true;
  readonly historic?: true;
  readonly duplicate?: true;
}

/**
 * What the connections of a room got of it, against what was acknowledged: every message that was in the room after a join
 * is owed to whoever had joined, once, in order, with the content that its sender gave it. Pure: it reads frames.
 */
export class RoomRecord {
  private readonly readers: Reader[];
  private readonly logs = new Map<string, Log>();

  constructor(
    readonly roomId: string,
    clients: Iterable<Recorded>,
  ) {
    this.readers = Array.from(clients, (client) => new Reader(client, this));
  }

  /** Whether a connection has got as far as the room is known to go. */
  hasHead(client: Recorded): boolean {
    this.read();
    return this.readers.every((reader) => reader.client !== client || reader.hasHead);
  }

  /** What is wrong by now, in words: who, in which room, which numbers. */
  faults(): string[] {
    this.read();
    return this.readers.flatMap((reader) => reader.faults());
  }

  /** Whether nothing was said in it as far as is known. */
  get isSilent(): boolean {
    this.read();
    return [...this.logs.values()].every(({ head }) => head === 0);
  }

  log(epoch: string): Log {
    let log = this.logs.get(epoch);
    if (log === undefined) this.logs.set(epoch, (log = { head: 0, contents: new Map() }));
    return log;
  }

  /** That the room goes as far as this message. */
  reached({ epoch, seq = 0 }: Pick<MessageData, 'epoch' | 'seq'>): void {
    const log = this.log(epoch);
    log.head = Math.max(log.head, seq);
  }

  private read(): void {
    for (const reader of this.readers) reader.read();
  }
}

/** Reads on where it was in the frames of a connection. */
class Reader {
  private readonly stays: Stay[] = [];
  private readonly wrong: string[] = [];
  private at = 0;
  private userId: unknown;

  constructor(
    readonly client: Recorded,
    private readonly record: RoomRecord,
  ) {}

  get hasHead(): boolean {
    return this.stays.every((stay) => this.isOver(stay) || stay.ledger.last >= this.record.log(stay.epoch).head);
  }

  read(): void {
    const { frames } = this.client;
    while (this.at < frames.length) this.take(frames[this.at++] as Frame);
  }

  faults(): string[] {
    const who = `${this.client.name} in ${this.record.roomId}`;
    const ofStays = this.stays.flatMap((stay) => {
      const { ledger, epoch } = stay;
      // Who has gone was owed no more than what came before.
      const head = this.isOver(stay) ? ledger.last : this.record.log(epoch).head;
      const missing = ledger.missing(head);
      return [
        ...(missing.length > 0 ? [`${who} misses ${ranges(missing)} of ${head}`] : []),
        ...(ledger.repeated.length > 0 ? [`${who} got ${ranges(ledger.repeated)} again`] : []),
        ...(ledger.reordered.length > 0 ? [`${who} got ${ranges(ledger.reordered)} after a higher one`] : []),
      ];
    });
    const absent = this.stays.length === 0 ? [`${this.client.name} has not joined ${this.record.roomId}`] : [];
    return [...absent, ...ofStays, ...this.wrong.map((words) => `${who} ${words}`)];
  }

  private get stay(): Stay | undefined {
    return this.stays.findLast((stay) => !stay.isOver);
  }

  private isOver(stay: Stay): boolean {
    return stay.isOver || this.client.ending !== undefined;
  }

  private take({ message_type: type, request_id, data }: Frame): void {
    if (type === 'connected') this.userId = data['user_id'];
    if (data['room_id'] !== this.record.roomId) return;
    const posted = request_id === undefined ? undefined : this.client.posted.get(request_id)?.data;
    if (type === 'room_message') this.see(data as unknown as MessageData);
    else if (type === 'room_message_sent') this.acknowledged(data as unknown as MessageData, posted);
    else if (type === 'room_joined') this.joined(data, posted);
    else if (type === 'room_left' || type === 'room_deleted') this.left();
    else if (type === 'member_kicked' && data['user_id'] === this.userId) this.left();
  }

  private joined(data: Frame['data'], posted: unknown): void {
    const { epoch, seq, recovered, missed, messages } = data as {
      epoch: string;
      seq: number;
      recovered: boolean;
      missed: number;
      messages: [];
    };
    const { since } = (posted ?? {}) as { since?: { seq: number } };
    this.stays.push({ epoch, ledger: new Ledger(recovered ? (since?.seq ?? seq - missed) : seq), isOver: false });
    if (recovered) for (const message of messages) this.see(message);
  }

  private left(): void {
    if (this.stay !== undefined) this.stay.isOver = true;
  }

  private acknowledged(data: MessageData, posted: unknown): void {
    // A repeat of a key has the number of the first, which was seen then.
    if (data.duplicate) this.record.reached(data);
    else this.count(data);
    // What was in a frame that the test has written itself is not known.
    if (posted !== undefined) this.compare(data, (posted as { content?: unknown }).content);
  }

  private see(message: MessageData): void {
    this.count(message);
    if (!message.redacted) this.compare(message, message.content);
  }

  private count(message: MessageData): void {
    if (message.seq === undefined) return;
    this.stay?.ledger.see(message.seq);
    this.record.reached(message);
  }

  /** The same at everybody's, whoever is read first. */
  private compare({ epoch, seq }: MessageData, content: unknown): void {
    if (seq === undefined) return;
    const { contents } = this.record.log(epoch);
    const text = JSON.stringify(content);
    const known = contents.get(seq);
    if (known === undefined) contents.set(seq, text);
    else if (known !== text) this.wrong.push(`has ${text} at ${seq}, where others have ${known}`);
  }
}
