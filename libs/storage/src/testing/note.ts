import { Column, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner, Table } from 'typeorm';
import { columnsOf } from '../columns.js';

/** A table to test with: notes, and lines that refer to one. */
@Entity('note')
export class Note {
  @PrimaryColumn('varchar')
  id!: string;

  @Column('text')
  text!: string;
}

export class CreateNote1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const { text, longText } = await columnsOf(runner);
    await runner.createTable(
      new Table({ name: 'note', columns: [{ ...text('id', 128), isPrimary: true }, longText('text')] }),
    );
    await runner.createTable(
      new Table({
        name: 'note_line',
        columns: [text('note_id', 128)],
        foreignKeys: [{ columnNames: ['note_id'], referencedTableName: 'note', referencedColumnNames: ['id'] }],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('note_line');
    await runner.dropTable('note');
  }
}
