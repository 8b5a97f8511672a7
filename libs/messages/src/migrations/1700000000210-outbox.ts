import { columnsOf } from '@hubbub/storage';
import { type MigrationInterface, type QueryRunner, Table, type TableColumnOptions, TableIndex } from 'typeorm';

export class Outbox1700000000210 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const { text, longText, bigint, serial } = await columnsOf(runner);
    const optional = (column: TableColumnOptions): TableColumnOptions => ({ ...column, isNullable: true });
    await runner.createTable(
      new Table({
        name: 'outbox',
        columns: [
          serial('id'),
          optional(text('room_id', 128)),
          optional(bigint('log_id')),
          optional(bigint('seq')),
          optional(text('subject', 2048)),
          optional(longText('payload')),
          optional(text('message_id', 128)),
          bigint('created_at'),
        ],
        indices: [new TableIndex({ name: 'outbox_message', columnNames: ['log_id', 'seq'] })],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('outbox');
  }
}
