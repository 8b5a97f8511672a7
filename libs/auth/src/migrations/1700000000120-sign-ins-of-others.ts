import { type MigrationInterface, type QueryRunner, TableForeignKey } from 'typeorm';

/** Who signs in may have his account elsewhere: an application can put its own `Accounts` in place of those of the database. */
export class SignInsOfOthers1700000000120 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const table = await runner.getTable('refresh_token');
    for (const key of table?.foreignKeys ?? []) await runner.dropForeignKey('refresh_token', key);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DELETE FROM refresh_token WHERE user_id NOT IN (SELECT id FROM account)');
    await runner.createForeignKey(
      'refresh_token',
      new TableForeignKey({
        columnNames: ['user_id'],
        referencedTableName: 'account',
        referencedColumnNames: ['id'],
        onDelete: 'CASCADE',
      }),
    );
  }
}
