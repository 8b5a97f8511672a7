import { columnsOf } from '@hubbub/storage';
import { type MigrationInterface, type QueryRunner, Table, TableIndex } from 'typeorm';

export class Audit1700000000500 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const { text, longText, int, bigint } = await columnsOf(runner);
    const target = ['room_id', 'user_id', 'connection_id', 'target_node_id', 'token_id'];
    await runner.createTable(
      new Table({
        name: 'audit_entry',
        columns: [
          { ...text('id', 32), isPrimary: true },
          bigint('at'),
          text('actor_id', 128),
          text('actor_name', 128),
          text('action', 256),
          ...target.map((name) => ({ ...text(name, 256), isNullable: true })),
          { ...bigint('seq'), isNullable: true },
          longText('details'),
          text('outcome', 16),
          { ...int('code'), isNullable: true },
          text('node_id', 256),
          { ...text('address', 64), isNullable: true },
        ],
        indices: [
          new TableIndex({ name: 'audit_entry_actor_id', columnNames: ['actor_id', 'id'] }),
          new TableIndex({ name: 'audit_entry_action', columnNames: ['action', 'id'] }),
          ...target.map((column) => new TableIndex({ name: `audit_entry_${column}`, columnNames: [column, 'id'] })),
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('audit_entry');
  }
}
