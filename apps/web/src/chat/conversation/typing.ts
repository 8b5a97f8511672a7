import type { Member } from '@hubbub/protocol';

/** Without a key for so long, nobody types. */
const IDLE_MS = 5_000;
/** How often it is said while it goes on. */
const REPEAT_MS = 10_000;
/** Heard nothing for so long, it is over: whoever says that he stopped may have been cut off. */
const EXPIRY_MS = 16_000;

/** Tells others that one is typing: at the first key, now and then after, and at the end. */
export class OwnTyping {
  private count = 0;
  private saidAt = Number.NEGATIVE_INFINITY;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param tell a number that is not 0 and another one each time, as the same state again is news to nobody; null at the end */
  constructor(private readonly tell: (typing: number | null) => void) {}

  /** A key was pressed. */
  touch(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.stop(), IDLE_MS);
    if (Date.now() - this.saidAt < REPEAT_MS) return;
    this.saidAt = Date.now();
    this.tell(++this.count);
  }

  /** Sent, left, or forgotten. */
  stop(): void {
    clearTimeout(this.timer);
    if (this.saidAt === Number.NEGATIVE_INFINITY) return;
    this.saidAt = Number.NEGATIVE_INFINITY;
    this.tell(null);
  }
}

/** Who types, by the states that members have in a room. */
export class OthersTyping {
  private readonly known = new Map<string, { typing: unknown; timer: ReturnType<typeof setTimeout> }>();
  private readonly expired = new Set<string>();

  constructor(private readonly changed: () => void) {}

  /** User ids. @param members those of the room, oneself left out */
  among(members: Iterable<Member>): string[] {
    const typing: string[] = [];
    const gone = new Set(this.known.keys());
    for (const { user_id: id, state } of members) {
      gone.delete(id);
      if (!state?.typing) this.forget(id);
      else if (this.isFresh(id, state.typing)) typing.push(id);
    }
    for (const id of gone) this.forget(id);
    return typing;
  }

  dispose(): void {
    for (const id of [...this.known.keys()]) this.forget(id);
  }

  private isFresh(id: string, typing: unknown): boolean {
    const known = this.known.get(id);
    if (known?.typing === typing) return !this.expired.has(id);
    this.forget(id);
    const expire = () => {
      this.expired.add(id);
      this.changed();
    };
    this.known.set(id, { typing, timer: setTimeout(expire, EXPIRY_MS) });
    return true;
  }

  private forget(id: string): void {
    clearTimeout(this.known.get(id)?.timer);
    this.known.delete(id);
    this.expired.delete(id);
  }
}
