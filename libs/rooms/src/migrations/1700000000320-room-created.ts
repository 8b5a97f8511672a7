import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

/** The newest rooms are found without reading all of them. */
export class RoomCreated1700000000320 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createIndex('room', new TableIndex({ name: 'room_created_at', columnNames: ['created_at', 'id'] }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('room', 'room_created_at');
  }
}
