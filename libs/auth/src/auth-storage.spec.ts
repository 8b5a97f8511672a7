import { openTestDatabase } from '@hubbub/storage/testing';
import { AUTH_ENTITIES, AUTH_MIGRATIONS } from './auth-storage.js';

describe('tables of accounts', () => {
  it('are those of the entities, column by column', async () => {
    const database = await openTestDatabase({ entities: AUTH_ENTITIES, migrations: AUTH_MIGRATIONS });
    const runner = database.dataSource.createQueryRunner();
    for (const { tableName, columns, indices } of database.dataSource.entityMetadatas) {
      const table = await runner.getTable(tableName);
      const shape = (name: string, type: unknown, isNullable: boolean, isPrimary: boolean) => ({
        name,
        type,
        isNullable,
        isPrimary,
      });
      expect(
        table?.columns.map((column) => shape(column.name, column.type, column.isNullable, column.isPrimary)),
      ).toEqual(columns.map((column) => shape(column.databaseName, column.type, column.isNullable, column.isPrimary)));
      expect(table?.indices.map(({ name }) => name).sort()).toEqual(indices.map(({ name }) => name).sort());
    }
    await database.close();
  });

  it('are gone when the migration is taken back', async () => {
    const database = await openTestDatabase({ entities: AUTH_ENTITIES, migrations: AUTH_MIGRATIONS });
    await database.dataSource.undoLastMigration();
    const tables = await database.read((manager) =>
      manager.query("SELECT name FROM sqlite_master WHERE type = 'table'"),
    );
    expect(JSON.stringify(tables)).not.toMatch(/account|refresh_token|revocation/);
    await database.close();
  });
});
