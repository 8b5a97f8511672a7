import type { Command, FromHub, PortLike } from './wire.js';

/** Characters that a tab may be behind with: above the first, what is not kept is dropped; above the second, it is closed. */
const BEHIND = 1_048_576;
const TOO_FAR_BEHIND = 4 * BEHIND;
const SLOW_CONSUMER = 4001;

export interface TabEvents {
  /** A frame whose turn has come. */
  frame(tab: Tab, text: string): void;
  /** Over, on whichever side. Once. @param code undefined if the tab gave it up or is gone */
  closed(tab: Tab, code: number | undefined): void;
}

/** One virtual connection, on the side of the hub: what its tab says in order, and what it is owed within bounds. */
export class Tab {
  isOpen = true;
  /** Frames that wait for the answer to an earlier command. */
  private waiting: string[] = [];
  private isHeld = true;
  /** Characters sent and not dealt with yet: a frozen tab takes nothing. */
  private owed = 0;

  /** Held until `release`. */
  constructor(
    readonly number: number,
    readonly token: string,
    private readonly port: PortLike,
    private readonly events: TabEvents,
  ) {}

  receive(text: string): void {
    if (!this.isOpen) return;
    if (this.isHeld) this.waiting.push(text);
    else this.events.frame(this, text);
  }

  /** What the tab says waits until `release`: commands of one connection run in order. */
  hold(): void {
    this.isHeld = true;
  }

  release(): void {
    this.isHeld = false;
    while (!this.isHeld && this.isOpen) {
      const text = this.waiting.shift();
      if (text === undefined) return;
      this.events.frame(this, text);
    }
  }

  /** @param isKept whether the tab can have it again when it comes back */
  send(text: string, isKept = true): void {
    if (!this.isOpen || (!isKept && this.owed > BEHIND)) return;
    this.owed += text.length;
    this.post({ type: 'frame', text });
    if (this.owed > TOO_FAR_BEHIND) this.close(SLOW_CONSUMER, 'slow consumer');
  }

  taken(length: number): void {
    this.owed -= length;
  }

  /** Answers a command: with `request_id` exactly if it had a `message_id`. */
  answer({ message_id }: Command, frame: object): void {
    this.send(JSON.stringify({ ...frame, request_id: message_id }));
  }

  /** Ends it from this side. */
  close(code: number, reason: string, alone = false): void {
    if (!this.isOpen) return;
    this.post({ type: 'closed', code, reason, ...(alone && { alone }) });
    this.gone(code);
  }

  /** It has ended on the other side. */
  gone(code: number | undefined): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.waiting = [];
    this.events.closed(this, code);
    // What was posted still arrives.
    this.port.close();
  }

  private post(message: FromHub): void {
    this.port.postMessage(message);
  }
}
