import { columnsOf } from '@hubbub/storage';
import { type MigrationInterface, type QueryRunner, Table, TableForeignKey, TableIndex } from 'typeorm';

export class Auth1700000000100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const { text, int, bigint: time, flag } = await columnsOf(runner);
    await runner.createTable(
      new Table({
        name: 'account',
        columns: [
          { ...text('id', 128), isPrimary: true },
          text('username', 128),
          text('password_hash', 255),
          time('created_at'),
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'refresh_token',
        columns: [
          { ...text('hash', 64), isPrimary: true },
          text('family', 64),
          int('generation'),
          text('user_id', 128),
          time('issued_at'),
          time('expires_at'),
          time('access_expires_at'),
          { ...time('used_at'), isNullable: true },
          flag('withdrawn'),
          { ...text('retry_key_hash', 64), isNullable: true },
        ],
        indices: [
          new TableIndex({ name: 'refresh_token_family', columnNames: ['family', 'generation'] }),
          new TableIndex({ name: 'refresh_token_user_id', columnNames: ['user_id'] }),
          new TableIndex({ name: 'refresh_token_expires_at', columnNames: ['expires_at'] }),
        ],
        foreignKeys: [
          new TableForeignKey({
            columnNames: ['user_id'],
            referencedTableName: 'account',
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
          }),
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'revocation',
        columns: [
          { ...text('kind', 16), isPrimary: true },
          { ...text('subject', 256), isPrimary: true },
          time('revoked_at'),
          { ...time('expires_at'), isNullable: true },
        ],
        indices: [new TableIndex({ name: 'revocation_revoked_at', columnNames: ['revoked_at'] })],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('revocation');
    await runner.dropTable('refresh_token');
    await runner.dropTable('account');
  }
}
