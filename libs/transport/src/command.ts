import type { CloseName, Envelope, HubbubError, MessageId } from '@hubbub/protocol';
import type { CommandConnection, ConnectionEnd } from './command-connection.js';
import type { CommandLane } from './command-lane.js';
import type { Route } from './command-table.js';
import type { Conduct } from './conduct.js';
import type { Timed } from './deadlines.js';
import type { CommandCall } from './decorators.js';
import type { Deferred } from './deferred.js';
import type { ReplyQueue, Slot } from './reply-queue.js';
import type { StreamSource } from './streams.js';

/** What the router keeps for a connection that has sent something. */
export interface Session {
  readonly connection: CommandConnection;
  readonly lane: CommandLane<Command>;
  readonly conduct: Conduct;
  /** Made with the first answer that cannot leave at once. */
  replies: ReplyQueue<Command> | null;
  /** Commands that were given a signal and are under way. */
  signalled: Set<Command> | null;
  /** How the connection ended, where that was before its connect hooks had. */
  end: ConnectionEnd | null;
  /** Why it is about to be closed. */
  misconduct: CloseName | null;
  /** Its queue has passed the mark at which the socket is paused. */
  full: boolean;
  /** Its connect hooks are running. */
  isOpening: boolean;
  /** Its commands wait until this node knows where it stands. */
  isDoubtful: boolean;
}

/** One frame received: from its arrival until its answer has left. */
export class Command implements CommandCall, Slot, Timed {
  startedAt = 0;
  earlier: this | null = null;
  later: this | null = null;
  /** Has a place in the reply queue. */
  reserved = false;
  /** Its answer has been handed to the connection, or its stream been started. */
  left = false;
  /** Where its answer comes from, if somebody else settles it. */
  deferred: Deferred<unknown> | null = null;
  answered = false;
  replyType = '';
  replyData = '';
  stream: StreamSource | null = null;
  private controller: AbortController | null = null;

  constructor(
    readonly session: Session,
    readonly route: Route,
    /** `request_id` of its answer. */
    readonly requestId: MessageId | undefined,
    /** The empty envelope where the frame was none. */
    readonly envelope: Envelope,
    /** Why it is not served, where that is known on arrival. */
    readonly refusal: HubbubError | null,
  ) {}

  /** What runs nothing need not wait for earlier answers. */
  get pipelined(): boolean {
    return this.refusal !== null || this.route.chain === null || this.route.pipelined;
  }

  signal(): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController();
      (this.session.signalled ??= new Set()).add(this);
    }
    return this.controller.signal;
  }

  get isAborted(): boolean {
    return this.controller?.signal.aborted === true;
  }

  /** Aborts the signal, if the handler took one; says whether it did. */
  abort(reason: unknown): boolean {
    if (this.controller === null) return false;
    this.controller.abort(reason);
    this.release();
    return true;
  }

  /** Nothing of it is under way any more. */
  release(): void {
    this.session.signalled?.delete(this);
  }
}
