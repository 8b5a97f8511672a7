import type { ReplyData } from '@hubbub/protocol';

type Mark = Pick<ReplyData<'mark_read'>, 'seq' | 'unread'>;

/** What is on the screen for a moment only is not read yet. */
const SETTLE_MS = 400;

/** How far a user has read in a conversation: on this device by what was on the screen, and on his others. */
export class ReadMarker {
  private marked = 0;
  private count = 0;
  /** What the gateway knows, and what it is about to be told. */
  private told = 0;
  private wanted = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param send moves the marker at the gateway, and says where it stands then
   * @param changed `seq` or `unread` are others
   */
  constructor(
    private readonly send: (seq: number) => Promise<Mark>,
    private readonly changed: () => void,
  ) {}

  /** Everything up to this number is read. */
  get seq(): number {
    return this.marked;
  }

  /** Messages of others behind it. */
  get unread(): number {
    return this.count;
  }

  /**
   * Asks the gateway where the marker stands: a marker never goes back, so that 0 moves none.
   * @param last number of the conversation: whoever never read in it has no arrears, he begins here
   */
  async load(last: number): Promise<void> {
    const mark = await this.send(0);
    this.heard(mark);
    if (mark.seq > 0) return;
    this.marked = last;
    this.count = 0;
    this.changed();
  }

  /** A message of another came that is not on the screen. */
  arrived(): void {
    this.count++;
    this.changed();
  }

  /** Everything up to this number is on the screen. Told once it has stayed there. */
  seen(seq: number): void {
    if (this.count > 0) {
      this.count = 0;
      this.changed();
    }
    if (seq <= Math.max(this.told, this.wanted)) return;
    this.wanted = seq;
    this.timer ??= setTimeout(() => void this.tell(), SETTLE_MS);
  }

  /** Of this device or of another. */
  heard({ seq, unread }: Mark): void {
    this.told = Math.max(this.told, seq);
    if (seq < this.marked) return;
    this.marked = seq;
    this.count = this.wanted > seq ? 0 : unread;
    this.changed();
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private async tell(): Promise<void> {
    const { wanted } = this;
    try {
      this.heard(await this.send(wanted));
    } catch {
      // Not connected, or not in the room any more: whatever is seen next tells of this too.
      this.wanted = this.told;
    }
    this.timer = undefined;
    if (this.wanted > wanted) this.timer = setTimeout(() => void this.tell(), SETTLE_MS);
  }
}
