import { randomInt } from 'node:crypto';
import { columnsOf } from '@hubbub/storage';
import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

export class CacheGeneration1700000000060 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const { int, bigint } = await columnsOf(runner);
    const columns = [{ ...int('id'), isPrimary: true }, bigint('number')];
    await runner.createTable(new Table({ name: 'cache_generation', columns }));
    // At random: two databases may have one Redis.
    await runner.query(`INSERT INTO cache_generation (id, number) VALUES (1, ${randomInt(2 ** 47)})`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('cache_generation');
  }
}
