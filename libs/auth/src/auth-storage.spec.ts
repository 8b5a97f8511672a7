import { describeOnEveryDatabase, shapesOfTables } from '@hubbub/storage/testing';
import { AUTH_ENTITIES, AUTH_MIGRATIONS } from './auth-storage.js';

describeOnEveryDatabase('tables of accounts', (open) => {
  it('are those of the entities, column by column', async () => {
    const database = await open({ entities: AUTH_ENTITIES, migrations: AUTH_MIGRATIONS });
    const { tables, entities } = await shapesOfTables(database);
    expect(tables).toEqual(entities);
    await database.close();
  });

  it('are gone when the migrations are taken back', async () => {
    const database = await open({ entities: AUTH_ENTITIES, migrations: AUTH_MIGRATIONS });
    for (const _ of AUTH_MIGRATIONS) await database.dataSource.undoLastMigration();
    const { tables } = await shapesOfTables(database);
    expect(tables.map(({ columns }) => columns)).toEqual([[], [], [], []]);
    await database.close();
  });
});
