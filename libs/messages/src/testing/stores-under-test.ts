import type { Database } from '@hubbub/storage';
import type { OpenDatabase } from '@hubbub/storage/testing';
import { MESSAGES_ENTITIES } from '../message.entities.js';
import type { MessageStore, MessageStoreOptions } from '../message-store.js';
import { messageStoreOn } from '../message-stores.js';
import { MESSAGES_MIGRATIONS } from '../migrations/1700000000200-messages.js';

const TABLES = ['outbox', 'room_message', 'inbox_message', 'idempotency_key', 'read_marker', 'user_block'];

/** The stores of two nodes on one database, for a suite: opened before it, closed after it, empty before each test. */
export class StoresUnderTest {
  store!: MessageStore;
  /** That of another node, which has connections of its own. */
  other!: MessageStore;
  database!: Database;
  otherDatabase!: Database;

  constructor(open: OpenDatabase, options: MessageStoreOptions = {}) {
    beforeAll(async () => {
      this.database = await open({ entities: MESSAGES_ENTITIES, migrations: MESSAGES_MIGRATIONS });
      this.otherDatabase = await open({ like: this.database });
    });
    beforeEach(async () => {
      await this.database.transaction(async (manager) => {
        for (const table of TABLES) await manager.query(`DELETE FROM ${table}`);
        await manager.query("DELETE FROM message_log WHERE kind <> 'all-inboxes'");
      });
      this.store = messageStoreOn(this.database, options);
      this.other = messageStoreOn(this.otherDatabase, options);
    });
    afterAll(async () => {
      await this.otherDatabase.close();
      await this.database.close();
    });
  }

  createRoom(roomId: string, epoch = `epoch of ${roomId}`): Promise<void> {
    return this.database.transaction((manager) => this.store.create(manager, roomId, epoch));
  }

  redact(roomId: string, seq: number): Promise<boolean> {
    return this.database.transaction((manager) => this.store.redact(manager, roomId, seq));
  }

  removeRoom(roomId: string): Promise<void> {
    return this.database.transaction((manager) => this.store.detach(manager, roomId));
  }
}
