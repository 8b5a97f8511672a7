import type { Database } from '@hubbub/storage';
import { ClockOffset } from './clock-offset.js';
import { nodeStore } from './node-store.js';

/** They differ by no more than half of what a question to the database takes. */
const SLACK_MS = 100;

/**
 * The time that all nodes agree on: that of the database. What one node writes and another judges (tokens, revocations,
 * messages) is dated by it, so that it does not matter how the clocks of their machines are set. A lone node has its own.
 */
export class ClusterClock {
  private readonly offset = new ClockOffset();

  /** Unix ms. */
  now(): number {
    const { value } = this.offset;
    return value === undefined ? Date.now() : Math.floor(performance.now() + value);
  }

  /** How far clocks of two nodes may be apart, while the database answers as it should. */
  get slackMs(): number {
    return this.offset.value === undefined ? 0 : SLACK_MS;
  }

  /** Asks the database what time it is. @throws HubbubError ServerError */
  async measure(database: Pick<Database, 'read'>): Promise<void> {
    let sentAt = performance.now();
    const theirs = await database.read((manager) => {
      // Here, as the read may have waited for a connection, or be repeated.
      sentAt = performance.now();
      return nodeStore.now(manager);
    });
    this.offset.add({ sentAt, receivedAt: performance.now(), theirs });
  }
}
