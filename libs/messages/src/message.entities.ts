import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { OutboxEntity } from './outbox.entity.js';

export type LogKind = 'room' | 'inbox' | 'all-inboxes';

/**
 * One numbering: that of a room or of a user's inbox. The row of kind `all-inboxes` only keeps the epoch of all inboxes.
 * Logs have numbers of their own, never used again, so that what a deleted room leaves behind is nobody else's.
 */
@Entity('message_log')
@Index('message_log_owner', ['kind', 'ownerId'], { unique: true })
export class MessageLogEntity {
  @PrimaryGeneratedColumn({ type: 'bigint' })
  id!: number;

  @Column({ type: 'varchar', length: 16 })
  kind!: LogKind;

  /** Room or user. Null once the room was deleted: the messages wait for being purged. */
  @Column({ name: 'owner_id', type: 'varchar', length: 128, nullable: true })
  ownerId!: string | null;

  @Column({ type: 'varchar', length: 64 })
  epoch!: string;

  /** Highest number given. */
  @Column({ type: 'bigint' })
  head!: number;

  /** Highest number no longer kept. */
  @Column({ type: 'bigint' })
  floor!: number;
}

@Entity('room_message')
export class RoomMessageEntity {
  @PrimaryColumn({ name: 'log_id', type: 'bigint' })
  logId!: number;

  @PrimaryColumn({ type: 'bigint' })
  seq!: number;

  @Column({ name: 'sender_id', type: 'varchar', length: 128 })
  senderId!: string;

  @Column({ name: 'sender_name', type: 'varchar', length: 128 })
  senderName!: string;

  /** JSON text as it was sent. */
  @Column({ type: 'text' })
  content!: string;

  @Column({ type: 'bigint' })
  timestamp!: number;

  /** 0 or 1. */
  @Column({ type: 'smallint' })
  redacted!: number;
}

/** A direct message in one inbox; the other inbox has its own row and number. */
@Entity('inbox_message')
@Index('inbox_message_peer', ['logId', 'peerId', 'seq'])
export class InboxMessageEntity {
  @PrimaryColumn({ name: 'log_id', type: 'bigint' })
  logId!: number;

  @PrimaryColumn({ type: 'bigint' })
  seq!: number;

  /** The other user; the owner himself for what he sent to himself. */
  @Column({ name: 'peer_id', type: 'varchar', length: 128 })
  peerId!: string;

  @Column({ name: 'sender_id', type: 'varchar', length: 128 })
  senderId!: string;

  @Column({ name: 'sender_name', type: 'varchar', length: 128 })
  senderName!: string;

  @Column({ type: 'text' })
  content!: string;

  @Column({ type: 'bigint' })
  timestamp!: number;
}

/** Which message a key stands for. Apart from the messages, as it outlives those that retention deletes. */
@Entity('idempotency_key', { withoutRowid: true })
export class IdempotencyKeyEntity {
  @PrimaryColumn({ name: 'log_id', type: 'bigint' })
  logId!: number;

  /** The sender in a room, the target in the sender's inbox. */
  @PrimaryColumn({ type: 'varchar', length: 128 })
  scope!: string;

  /** As the client gave it. */
  @PrimaryColumn({ type: 'varchar', length: 64 })
  name!: string;

  @Column({ type: 'bigint' })
  seq!: number;

  @Column({ type: 'bigint' })
  timestamp!: number;
}

/** How far a user has read a room or, in his inbox, what he has with another user. */
@Entity('read_marker')
export class ReadMarkerEntity {
  @PrimaryColumn({ name: 'log_id', type: 'bigint' })
  logId!: number;

  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 128 })
  userId!: string;

  /** Empty for rooms. */
  @PrimaryColumn({ name: 'peer_id', type: 'varchar', length: 128 })
  peerId!: string;

  @Column({ type: 'bigint' })
  seq!: number;
}

/** Direct messages from `blockedId` do not reach `userId`. */
@Entity('user_block')
export class UserBlockEntity {
  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 128 })
  userId!: string;

  @PrimaryColumn({ name: 'blocked_id', type: 'varchar', length: 128 })
  blockedId!: string;
}

export const MESSAGES_ENTITIES = [
  MessageLogEntity,
  RoomMessageEntity,
  InboxMessageEntity,
  IdempotencyKeyEntity,
  ReadMarkerEntity,
  UserBlockEntity,
  OutboxEntity,
];
