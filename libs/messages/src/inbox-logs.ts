import { type Database, insertIfAbsent } from '@hubbub/storage';
import { MessageLogEntity } from './message.entities.js';
import { isRoomEntry, type MessageStore, type NewEntry } from './message-store.js';

/** Users whose inbox is known to be there. Inboxes are never deleted, so forgetting some costs a look. */
const MOST_KNOWN = 100_000;

/** Makes inboxes at their first use: apart from the appends, so that those find and lock all that they write to. */
export class InboxLogs {
  private readonly known = new Set<string>();

  constructor(
    private readonly database: Database,
    private readonly store: Pick<MessageStore, 'inboxEpoch' | 'inboxHeads'>,
  ) {}

  /** Resolves when everybody who sends or receives has an inbox. */
  async ensure(batch: readonly NewEntry[]): Promise<void> {
    const unknown = new Set<string>();
    for (const entry of batch) {
      if (isRoomEntry(entry)) continue;
      for (const userId of [entry.senderId, entry.targetId]) if (!this.known.has(userId)) unknown.add(userId);
    }
    if (unknown.size === 0) return;
    const there = await this.store.inboxHeads([...unknown]);
    await this.make([...unknown].filter((userId) => !there.has(userId)));
    if (this.known.size > MOST_KNOWN) this.known.clear();
    for (const userId of unknown) this.known.add(userId);
  }

  private async make(userIds: string[]): Promise<void> {
    if (userIds.length === 0) return;
    const epoch = await this.store.inboxEpoch();
    // In one order, so that two nodes that make the same ones do not wait for each other crosswise.
    const rows = userIds.sort().map((ownerId) => ({ kind: 'inbox' as const, ownerId, epoch, head: 0, floor: 0 }));
    await this.database.transaction((manager) => insertIfAbsent(manager, MessageLogEntity, rows, ['kind', 'ownerId']));
  }
}
