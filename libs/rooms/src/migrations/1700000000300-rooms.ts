import { type MigrationInterface, type QueryRunner, Table, TableForeignKey, TableIndex } from 'typeorm';

/** Ids are compared and sorted byte for byte; only some databases need to be told. */
function binaryCollation(runner: QueryRunner): { collation?: string } {
  const { type } = runner.connection.options;
  if (type === 'postgres') return { collation: 'C' };
  return type === 'mysql' || type === 'mariadb' ? { collation: 'utf8mb4_bin' } : {};
}

export class Rooms1700000000300 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const binary = binaryCollation(runner);
    const text = (name: string, length: number) => ({ name, type: 'varchar', length: `${length}` });
    await runner.createTable(
      new Table({
        name: 'room',
        columns: [
          { ...text('id', 128), isPrimary: true, ...binary },
          { ...text('epoch', 64), ...binary },
          text('name', 128),
          { ...text('owner_id', 128), isNullable: true, ...binary },
          text('visibility', 16),
          text('history', 16),
          { name: 'max_clients', type: 'int' },
          { name: 'metadata', type: 'text' },
          { name: 'created_at', type: 'bigint' },
        ],
        indices: [new TableIndex({ name: 'room_owner_id', columnNames: ['owner_id'] })],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'room_member',
        columns: [
          { ...text('room_id', 128), isPrimary: true, ...binary },
          { ...text('user_id', 128), isPrimary: true, ...binary },
          text('role', 16),
        ],
        indices: [new TableIndex({ name: 'room_member_user_id', columnNames: ['user_id'] })],
        foreignKeys: [
          new TableForeignKey({
            columnNames: ['room_id'],
            referencedTableName: 'room',
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
          }),
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('room_member');
    await runner.dropTable('room');
  }
}
