import { randomBytes } from 'node:crypto';
import { type MigrationInterface, type QueryRunner, Table, TableIndex } from 'typeorm';

/** What only some databases need to be told: ids are compared byte for byte, and content can be long. */
function dialect(runner: QueryRunner): { binary: { collation?: string }; longText: string } {
  const { type } = runner.connection.options;
  if (type === 'postgres') return { binary: { collation: 'C' }, longText: 'text' };
  if (type === 'mysql' || type === 'mariadb') return { binary: { collation: 'utf8mb4_bin' }, longText: 'longtext' };
  return { binary: {}, longText: 'text' };
}

export class Messages1700000000200 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const { binary, longText } = dialect(runner);
    const key = { isPrimary: true };
    const logId = { name: 'log_id', type: 'integer', ...key };
    const bigint = (name: string) => ({ name, type: 'bigint' });
    const id = (name: string, length = 128) => ({ name, type: 'varchar', length: `${length}`, ...binary });
    const content = { name: 'content', type: longText, ...binary };

    await runner.createTable(
      new Table({
        name: 'message_log',
        columns: [
          { name: 'id', type: 'integer', isPrimary: true, isGenerated: true, generationStrategy: 'increment' },
          id('kind', 16),
          { ...id('owner_id'), isNullable: true },
          id('epoch', 64),
          bigint('head'),
          bigint('floor'),
        ],
        indices: [new TableIndex({ name: 'message_log_owner', columnNames: ['kind', 'owner_id'], isUnique: true })],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'room_message',
        columns: [
          logId,
          { ...bigint('seq'), ...key },
          id('sender_id'),
          id('sender_name'),
          content,
          bigint('timestamp'),
          { name: 'redacted', type: 'smallint' },
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'inbox_message',
        columns: [
          logId,
          { ...bigint('seq'), ...key },
          id('peer_id'),
          id('sender_id'),
          id('sender_name'),
          content,
          bigint('timestamp'),
        ],
        indices: [new TableIndex({ name: 'inbox_message_peer', columnNames: ['log_id', 'peer_id', 'seq'] })],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'idempotency_key',
        withoutRowid: true,
        columns: [logId, { ...id('scope'), ...key }, { ...id('name', 64), ...key }, bigint('seq'), bigint('timestamp')],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'read_marker',
        withoutRowid: true,
        columns: [logId, { ...id('user_id'), ...key }, { ...id('peer_id'), ...key }, bigint('seq')],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'user_block',
        withoutRowid: true,
        columns: [
          { ...id('user_id'), ...key },
          { ...id('blocked_id'), ...key },
        ],
      }),
    );
    // Made here once and for all, so that a connection that opens writes nothing to say which numbering its inbox has.
    await runner.manager
      .createQueryBuilder()
      .insert()
      .into('message_log', ['kind', 'owner_id', 'epoch', 'head', 'floor'])
      .values({ kind: 'all-inboxes', owner_id: '', epoch: randomBytes(9).toString('base64url'), head: 0, floor: 0 })
      .execute();
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables = ['user_block', 'read_marker', 'idempotency_key', 'inbox_message', 'room_message', 'message_log'];
    for (const table of tables) await runner.dropTable(table);
  }
}

export const MESSAGES_MIGRATIONS = [Messages1700000000200];
