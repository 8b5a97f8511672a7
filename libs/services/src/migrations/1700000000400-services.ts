import { columnsOf } from '@hubbub/storage';
import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

export class Services1700000000400 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const { int, text } = await columnsOf(runner);
    await runner.createTable(
      new Table({
        name: 'relay_lease',
        columns: [
          { ...int('id'), isPrimary: true },
          { ...text('node_id', 128), isNullable: true },
        ],
      }),
    );
    await runner.manager
      .createQueryBuilder()
      .insert()
      .into('relay_lease', ['id', 'node_id'])
      .values({ id: 1, node_id: null })
      .execute();
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('relay_lease');
  }
}
