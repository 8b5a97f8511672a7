import { AUTH_ENTITIES, AUTH_MIGRATIONS } from '@hubbub/auth';
import { CLUSTER_ENTITIES, CLUSTER_MIGRATIONS } from '@hubbub/cluster';
import { MESSAGES_ENTITIES, MESSAGES_MIGRATIONS } from '@hubbub/messages';
import { OPERATOR_ENTITIES, OPERATOR_MIGRATIONS } from '@hubbub/operator';
import { ROOM_ENTITIES, ROOM_MIGRATIONS } from '@hubbub/rooms';
import { SERVICES_ENTITIES, SERVICES_MIGRATIONS } from '@hubbub/services';
import { describeOnEveryDatabase, shapesOfTables } from '@hubbub/storage/testing';

const SCHEMA = {
  entities: [
    ...[...CLUSTER_ENTITIES, ...AUTH_ENTITIES, ...MESSAGES_ENTITIES],
    ...[...ROOM_ENTITIES, ...SERVICES_ENTITIES, ...OPERATOR_ENTITIES],
  ],
  migrations: [
    ...[...CLUSTER_MIGRATIONS, ...AUTH_MIGRATIONS, ...MESSAGES_MIGRATIONS],
    ...[...ROOM_MIGRATIONS, ...SERVICES_MIGRATIONS, ...OPERATOR_MIGRATIONS],
  ],
};

describeOnEveryDatabase('the tables of a gateway', (open) => {
  it('are those of the entities, column by column', async () => {
    const database = await open(SCHEMA);
    const { tables, entities } = await shapesOfTables(database);
    expect(tables).toEqual(entities);
    await database.close();
  });

  it('are made once by three nodes that start at once, and can be taken back', async () => {
    const empty = await open();
    const nodes = await Promise.all([1, 2, 3].map(() => open({ like: empty, ...SCHEMA })));
    const [first] = nodes;
    for (const _ of SCHEMA.migrations) await first?.dataSource.undoLastMigration();
    const left = first && (await shapesOfTables(first)).tables.filter(({ columns }) => columns.length > 0);
    expect(left).toEqual([]);
    for (const node of [...nodes, empty]) await node.close();
  });
});
