import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

/** Rows that stand for names; see `lockName`. Many, so that different names rarely share one. */
export const LOCK_SLOTS = 1024;

/** Every database server has this table, whatever the application keeps in it. */
export class LockSlots1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const slot = { name: 'slot', type: 'int', isPrimary: true };
    await runner.createTable(new Table({ name: 'lock_slot', columns: [slot] }));
    const rows = Array.from({ length: LOCK_SLOTS }, (_, n) => `(${n})`);
    // There may be some from an attempt that was broken off.
    await runner.query('DELETE FROM lock_slot');
    await runner.query(`INSERT INTO lock_slot (slot) VALUES ${rows.join(', ')}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('lock_slot');
  }
}
