import { columnsOf } from '@hubbub/storage';
import { type MigrationInterface, type QueryRunner, Table, TableColumn, TableIndex } from 'typeorm';

/** Nodes read the revocations that are new to them by number: their clocks say nothing about that. */
export class RevocationNumber1700000000110 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const { int, bigint } = await columnsOf(runner);
    await runner.dropIndex('revocation', 'revocation_revoked_at');
    await runner.addColumn('revocation', new TableColumn({ ...bigint('number'), default: 0 }));
    await runner.createIndex('revocation', new TableIndex({ name: 'revocation_number', columnNames: ['number'] }));
    const columns = [{ ...int('id'), isPrimary: true }, bigint('number')];
    await runner.createTable(new Table({ name: 'revocation_count', columns }));
    await runner.query('INSERT INTO revocation_count (id, number) VALUES (1, 0)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('revocation_count');
    await runner.dropIndex('revocation', 'revocation_number');
    await runner.dropColumn('revocation', 'number');
    await runner.createIndex(
      'revocation',
      new TableIndex({ name: 'revocation_revoked_at', columnNames: ['revoked_at'] }),
    );
  }
}
