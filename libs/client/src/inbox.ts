import type { DirectMessage, ReplyData, Session } from '@hubbub/protocol';
import type { Clock } from './clock.js';
import { type Loss, OrderedLog, type Position } from './ordered-log.js';

/** What the inbox needs of its client. */
export interface InboxHost {
  readonly clock: Clock;
  own(type: string, data: object): Promise<unknown>;
  deliver(message: DirectMessage): void;
  lost(loss: Loss): void;
}

/** Direct messages of the user: each once, in order, sent and received, over all connections. */
export class Inbox {
  private readonly log: OrderedLog<DirectMessage>;
  private epoch = '';
  private userId: string | null = null;

  /** @param resume where an earlier run of the application had come to */
  constructor(
    private readonly host: InboxHost,
    private resume: Position | undefined,
  ) {
    this.log = new OrderedLog<DirectMessage>(
      {
        read: (after) => this.read(after),
        deliver: (message) => host.deliver(message),
        lost: (loss) => host.lost(loss),
        // Only a new connection can say where the new numbering stands.
        renumbered: () => {},
      },
      host.clock,
    );
  }

  get position(): Position | null {
    return this.log.position;
  }

  /**
   * Begins at where the session says the inbox stands, or reads what came since. Resolves when nothing is missing.
   * @param isMove the connection takes the place of another that was still open
   */
  async connected({ user_id, inbox_epoch: epoch, inbox_seq }: Session, isMove = false): Promise<void> {
    if (user_id === null) return;
    const position = this.log.position ?? this.resume;
    // What the other connection brought since this one began is there too.
    const seq = isMove ? Math.max(inbox_seq, position?.seq ?? 0) : inbox_seq;
    this.resume = undefined;
    const isSame = this.userId === null || this.userId === user_id;
    this.userId = user_id;
    this.epoch = epoch;
    if (position && isSame && position.epoch === epoch && position.seq <= seq) {
      if (this.log.position === null) this.log.start(position);
    } else {
      if (position && isSame) this.host.lost({ missed: 0 });
      this.log.start({ epoch, seq });
    }
    this.log.expect(seq);
    await this.log.resume();
  }

  disconnected(): void {
    this.log.suspend();
  }

  /** Takes a message: one pushed, or one's own with the `seq` that its reply told. */
  offer(message: DirectMessage): void {
    this.log.offer([message]);
  }

  private async read(after: number): Promise<{ epoch: string; messages: DirectMessage[] }> {
    const page = (await this.host.own('inbox', { since: after, limit: 200 })) as ReplyData<'inbox'>;
    return { epoch: page.epoch || this.epoch, messages: page.messages };
  }
}
