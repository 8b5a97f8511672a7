import { randomBytes } from 'node:crypto';
import { columnsOf } from '@hubbub/storage';
import { type MigrationInterface, type QueryRunner, Table, TableIndex } from 'typeorm';
import { Outbox1700000000210 } from './1700000000210-outbox.js';

export class Messages1700000000200 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const { text, longText, bigint, serial } = await columnsOf(runner);
    const key = { isPrimary: true };
    const logId = { ...bigint('log_id'), ...key };
    const id = (name: string) => text(name, 128);
    const content = longText('content');

    await runner.createTable(
      new Table({
        name: 'message_log',
        columns: [
          serial('id'),
          text('kind', 16),
          { ...id('owner_id'), isNullable: true },
          text('epoch', 64),
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
        columns: [
          logId,
          { ...id('scope'), ...key },
          { ...text('name', 64), ...key },
          bigint('seq'),
          bigint('timestamp'),
        ],
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

export const MESSAGES_MIGRATIONS = [Messages1700000000200, Outbox1700000000210];
