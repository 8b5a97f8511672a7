import { describeOnEveryDatabase, type OpenDatabase } from '@hubbub/storage/testing';
import { OPERATOR_ENTITIES, OPERATOR_MIGRATIONS } from '../operator-storage.js';
import type { AuditEntryEntity } from './audit-entry.entity.js';
import { auditStore } from './audit-store.js';

const SCHEMA = { entities: OPERATOR_ENTITIES, migrations: OPERATOR_MIGRATIONS };
const TARGETS = ['room_id', 'user_id', 'connection_id', 'target_node_id', 'token_id'];

const entry = (id: string, more: Partial<AuditEntryEntity>): AuditEntryEntity => ({
  ...{ id, at: 1, actorId: 'root', actorName: '', action: 'kick_member', details: '{}', outcome: 'done', nodeId: 'n1' },
  ...{ roomId: null, userId: null, connectionId: null, targetNodeId: null, tokenId: null },
  ...{ seq: null, code: null, address: null, ...more },
});

describeOnEveryDatabase('what was done to a target', (open: OpenDatabase, type) => {
  it('is found by whichever id it has, each entry once, the newest first, by pages', async () => {
    const database = await open(SCHEMA);
    const x = 'x';
    const entries = [
      entry('1', { roomId: x }),
      entry('2', { tokenId: x, seq: 7 }),
      entry('3', { roomId: x, userId: x }),
      entry('4', { roomId: 'other' }),
      entry('5', { connectionId: x, actorId: 'eve' }),
      entry('6', { targetNodeId: x }),
    ];
    await database.transaction((manager) => auditStore.insert(manager, entries));
    const found = (query: object) =>
      database.read(async (manager) => (await auditStore.page(manager, { limit: 9, ...query })).map(({ id }) => id));
    expect(await found({ target: x })).toEqual(['6', '5', '3', '2', '1']);
    expect(await found({ target: x, limit: 2 })).toEqual(['6', '5']);
    expect(await found({ target: x, limit: 2, before: '5' })).toEqual(['3', '2']);
    expect(await found({ target: x, actorId: 'eve' })).toEqual(['5']);
    expect(await found({ target: 'nobody' })).toEqual([]);
    await database.close();
  });

  if (type !== 'sqlite') return;
  it.each(TARGETS)(
    'is found by the index of %s: the whole log would be read in the loop of the node',
    async (column) => {
      const database = await open(SCHEMA);
      const sql = `SELECT * FROM audit_entry WHERE ${column} = 'x' AND id < '9' ORDER BY id DESC LIMIT 5`;
      const plan = await database.read((manager) => manager.query(`EXPLAIN QUERY PLAN ${sql}`));
      expect(JSON.stringify(plan)).toContain(`USING INDEX audit_entry_${column} `);
      expect(JSON.stringify(plan)).not.toContain('TEMP B-TREE');
      await database.close();
    },
  );
});
