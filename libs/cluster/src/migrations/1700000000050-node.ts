import { columnsOf } from '@hubbub/storage';
import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

export class Node1700000000050 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const { text, bigint } = await columnsOf(runner);
    const columns = [{ ...text('id', 128), isPrimary: true }, text('incarnation', 36), bigint('beat')];
    await runner.createTable(new Table({ name: 'node', columns }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('node');
  }
}
