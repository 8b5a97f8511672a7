import { ClusterClock } from '@hubbub/cluster';
import { Metrics } from '@hubbub/observability';
import { isHubbubError } from '@hubbub/protocol';
import type { Deferred } from '@hubbub/transport';
import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import { AppendBatcher } from './append-batcher.js';
import { LogTails } from './log-tails.js';
import { MessageStore, type NewEntry, type Outcome } from './message-store.js';
import type { Appended, DirectAppended, NewDirectMessage, NewRoomMessage } from './messages.js';
import { Outbox } from './outbox.js';

/** The one way into the logs: room and direct messages share the commits. */
@Injectable()
export class LogWriter implements BeforeApplicationShutdown {
  private readonly logger = new Logger('MessageLog');
  private readonly batcher: AppendBatcher<NewEntry, Appended | DirectAppended>;

  constructor(
    store: MessageStore,
    private readonly tails: LogTails,
    metrics: Metrics,
    outbox: Outbox,
    @Inject(ClusterClock) clock: Pick<ClusterClock, 'now'>,
  ) {
    this.batcher = new AppendBatcher(
      async (batch) => {
        const outcomes = await store.append(batch, clock.now()).catch((error: unknown) => this.failed(error));
        metrics.appended.inc(outcomes.filter(isStored).length);
        return outcomes;
      },
      {
        onCommit: (entries, durationMs) => {
          metrics.appendBatch.observe(entries);
          metrics.appendLatency.observe(durationMs / 1000);
          outbox.written();
        },
        onListenerError: (error) => this.logger.error({ msg: 'a delivery after the commit failed', err: error }),
      },
    );
  }

  appendToRoom(message: NewRoomMessage): Deferred<Appended> {
    const answer = this.batcher.add(message);
    // With other nodes, whose messages are in between, its channel brings it to the tail in its turn.
    if (this.tails.followedOnly) return answer;
    // Registered before the caller can be: a reader who is told of the message finds it in the tail.
    answer.onSettled((error, stored) => {
      if (error === undefined && stored !== undefined && !stored.duplicate) this.remember(message, stored);
    });
    return answer;
  }

  appendToInboxes(message: NewDirectMessage): Deferred<DirectAppended> {
    return this.batcher.add(message) as Deferred<DirectAppended>;
  }

  /** Resolves when everything that was accepted has been stored or refused. */
  idle(): Promise<void> {
    return this.batcher.idle();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.idle();
  }

  /** The senders are told ServerError, which nobody logs: what was not foreseen would go unnoticed. */
  private failed(error: unknown): never {
    if (!isHubbubError(error)) this.logger.error({ msg: 'messages not stored', err: error });
    throw error;
  }

  private remember(message: NewRoomMessage, { seq, epoch, timestamp }: Appended): void {
    const { roomId, senderId, senderName, contentJson } = message;
    this.tails.add({ roomId, epoch, seq, senderId, senderName, contentJson, timestamp, redacted: false });
  }
}

/** Neither refused nor a repeat. */
function isStored(outcome: Outcome): boolean {
  return 'duplicate' in outcome && !outcome.duplicate;
}
