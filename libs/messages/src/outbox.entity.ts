import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/**
 * A fact that is stored and has not left yet: a pointer to a stored room message (`logId`, `seq`), so that what is
 * redacted meanwhile leaves redacted, or a payload of its own. Facts of one room have their ids in the order of their commits.
 */
@Entity('outbox')
@Index('outbox_message', ['logId', 'seq'])
export class OutboxEntity {
  @PrimaryGeneratedColumn({ type: 'bigint' })
  id!: number;

  /** Facts of one room leave in order. Null for those that no order matters to. */
  @Column({ name: 'room_id', type: 'varchar', length: 128, nullable: true })
  roomId!: string | null;

  @Column({ name: 'log_id', type: 'bigint', nullable: true })
  logId!: number | null;

  @Column({ type: 'bigint', nullable: true })
  seq!: number | null;

  @Column({ type: 'varchar', length: 2048, nullable: true })
  subject!: string | null;

  /** JSON text. */
  @Column({ type: 'text', nullable: true })
  payload!: string | null;

  /** By which a stream knows a repeat. */
  @Column({ name: 'message_id', type: 'varchar', length: 128, nullable: true })
  messageId!: string | null;

  /** Unix ms. */
  @Column({ name: 'created_at', type: 'bigint' })
  createdAt!: number;
}
