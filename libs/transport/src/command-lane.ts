/** A command as its lane sees it. */
export interface LaneCommand {
  /** May start while earlier Deferred answers are outstanding. */
  readonly pipelined: boolean;
}

/**
 * The order of one connection's commands: one handler at a time, in the order received. A pipelined handler that has
 * returned a Deferred is no longer at work but *outstanding*: pipelined commands pass it, every other one waits. Pure: it
 * only says what may start.
 */
export class CommandLane<C extends LaneCommand> {
  /** Those that have started are let go of at once. */
  private waiting: (C | undefined)[] = [];
  private head = 0;
  /** The command whose handler is at work or, unless it is pipelined, has left a Deferred that is not settled. */
  atWork: C | null = null;
  /** Pipelined handlers that have returned and whose Deferred is not settled. */
  outstanding = 0;
  /** How many things must come first: the connection's connect hooks, the node's standing. */
  holds = 0;

  /** Received and not started. */
  get queued(): number {
    return this.waiting.length - this.head;
  }

  /** Whether `command`, just received, may start now. It was put in the queue if not. */
  admit(command: C): boolean {
    if (this.head === this.waiting.length && this.mayStart(command)) return true;
    this.waiting.push(command);
    return false;
  }

  /** The next command that may start now, taken from the queue. */
  next(): C | undefined {
    const command = this.waiting[this.head];
    if (command === undefined || !this.mayStart(command)) return undefined;
    this.waiting[this.head++] = undefined;
    if (this.head === this.waiting.length) this.clear();
    else if (this.head === 64) {
      this.waiting = this.waiting.slice(this.head);
      this.head = 0;
    }
    return command;
  }

  /** Forgets what has not started. */
  clear(): void {
    this.waiting.length = 0;
    this.head = 0;
  }

  private mayStart(command: C): boolean {
    return this.holds === 0 && this.atWork === null && (command.pipelined || this.outstanding === 0);
  }
}
