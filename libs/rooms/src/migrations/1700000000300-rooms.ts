import { columnsOf } from '@hubbub/storage';
import { type MigrationInterface, type QueryRunner, Table, TableForeignKey, TableIndex } from 'typeorm';

export class Rooms1700000000300 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const { text, longText, int, bigint } = await columnsOf(runner);
    await runner.createTable(
      new Table({
        name: 'room',
        columns: [
          { ...text('id', 128), isPrimary: true },
          text('epoch', 64),
          text('name', 128),
          { ...text('owner_id', 128), isNullable: true },
          text('visibility', 16),
          text('history', 16),
          int('max_clients'),
          longText('metadata'),
          bigint('created_at'),
        ],
        indices: [new TableIndex({ name: 'room_owner_id', columnNames: ['owner_id'] })],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'room_member',
        columns: [
          { ...text('room_id', 128), isPrimary: true },
          { ...text('user_id', 128), isPrimary: true },
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
