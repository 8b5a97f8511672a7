import { columnsOf } from '@hubbub/storage';
import { type MigrationInterface, type QueryRunner, Table, TableIndex } from 'typeorm';

export class Attendance1700000000310 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const { text, bigint, int } = await columnsOf(runner);
    await runner.createTable(
      new Table({
        name: 'room_attendance',
        columns: [{ ...text('room_id', 128), isPrimary: true }, text('epoch', 64), bigint('version'), int('members')],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'room_seat',
        columns: [
          { ...text('room_id', 128), isPrimary: true },
          { ...text('user_id', 128), isPrimary: true },
          { ...text('node_id', 128), isPrimary: true },
          text('username', 128),
          bigint('joined_at'),
        ],
        indices: [
          new TableIndex({ name: 'room_seat_user_id', columnNames: ['user_id'] }),
          new TableIndex({ name: 'room_seat_node_id', columnNames: ['node_id'] }),
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'room_redaction',
        columns: [
          { ...text('room_id', 128), isPrimary: true },
          { ...bigint('version'), isPrimary: true },
          bigint('seq'),
          bigint('redacted_at'),
        ],
      }),
    );
    // Rooms from before there were seats.
    await runner.query(
      'INSERT INTO room_attendance (room_id, epoch, version, members) SELECT id, epoch, 0, 0 FROM room',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('room_redaction');
    await runner.dropTable('room_seat');
    await runner.dropTable('room_attendance');
  }
}
