import { Deferred } from '@hubbub/transport';

/** What is being stored for one sender in one log. */
interface Storing {
  readonly senderId: string;
  readonly over: Deferred<void>;
}

/** What was being stored in a log at one moment. */
export interface Stored {
  /** Resolves when all that was being stored for this sender is settled; null where that is so already. */
  settled(senderId: string): Promise<void> | null;
}

const NOTHING: Stored = { settled: () => null };

/**
 * What connections of this node are storing, by room or inbox. A reading of the log may show a message before its sender is
 * told of its number; as anybody's it would be pushed to him, who is to get it as the reply. So a reading notes what is under
 * way when it begins, and waits for that of a sender before it hands on a message of his.
 */
export class UnderWay {
  private readonly logs = new Map<string, Set<Storing>>();

  /** From now on something is under way, until the returned answer is resolved: after the message was offered, or refused. */
  begin(logId: string, senderId: string): Deferred<void> {
    const storing = { senderId, over: new Deferred<void>() };
    let log = this.logs.get(logId);
    if (log === undefined) this.logs.set(logId, (log = new Set()));
    const own = log.add(storing);
    storing.over.onSettled(() => {
      own.delete(storing);
      if (own.size === 0 && this.logs.get(logId) === own) this.logs.delete(logId);
    });
    return storing.over;
  }

  /** Logs with something under way. */
  get size(): number {
    return this.logs.size;
  }

  /** @param patienceMs longest wait: by then the sender has been told Timeout, and gets the message like anybody else */
  now(logId: string, patienceMs: number): Stored {
    const log = this.logs.get(logId);
    if (log === undefined) return NOTHING;
    const all = [...log];
    return {
      settled: (senderId) => {
        const open = all.filter((storing) => storing.senderId === senderId && !storing.over.isSettled);
        return open.length === 0 ? null : settled(open, patienceMs);
      },
    };
  }
}

function settled(open: readonly Storing[], patienceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const patience = setTimeout(resolve, patienceMs);
    patience.unref();
    let left = open.length;
    for (const { over } of open) {
      over.onSettled(() => {
        if (--left > 0) return;
        clearTimeout(patience);
        resolve();
      });
    }
  });
}
