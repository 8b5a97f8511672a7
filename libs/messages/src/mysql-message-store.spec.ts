import type { MysqlDatabase } from '@hubbub/storage';
import { describeOnEveryServer } from '@hubbub/storage/testing';
import { MESSAGES_ENTITIES } from './message.entities.js';
import { MESSAGES_MIGRATIONS } from './migrations/1700000000200-messages.js';
import { MysqlMessageStore } from './mysql-message-store.js';
import { direct, post } from './testing/entries.js';

describeOnEveryServer('MysqlMessageStore', (open, type) => {
  if (type !== 'mariadb') return;

  it('reads no more of a room or an inbox than is asked for', async () => {
    // One connection: the counters are its own.
    const schema = { entities: MESSAGES_ENTITIES, migrations: MESSAGES_MIGRATIONS };
    const database = (await open({ ...schema, poolSize: 1 })) as MysqlDatabase;
    const store = new MysqlMessageStore(database);
    await database.transaction((manager) => store.create(manager, 'a', 'e'));
    await store.append(Array.from({ length: 500 }, (_, n) => [post('a', n), direct('bob', n)]).flat(), 1000);
    const rowsRead = async (read: () => Promise<{ messages: unknown[] } | null>) => {
      await database.read((manager) => manager.query('FLUSH STATUS'));
      expect((await read())?.messages).toHaveLength(5);
      const counters: { Value: string }[] = await database.read((manager) =>
        manager.query("SHOW SESSION STATUS LIKE 'Handler_read%'"),
      );
      return counters.reduce((sum, { Value }) => sum + Number(Value), 0);
    };
    for (const newest of [false, true]) {
      const range = { limit: 5, newest };
      expect(await rowsRead(() => store.read('a', range))).toBeLessThan(100);
      expect(await rowsRead(() => store.readInbox('ann', range))).toBeLessThan(100);
      expect(await rowsRead(() => store.readInbox('ann', { ...range, peerId: 'bob' }))).toBeLessThan(100);
    }
    await database.close();
  });
});
