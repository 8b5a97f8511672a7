import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Databases that return 64-bit integers as text get numbers here: they are below 2^53. */
const asNumber = { to: (value: number) => value, from: (value: string | number) => Number(value) };

/** One row a room, made and deleted with it. Locked by whoever changes the room, its roles or its seats. */
@Entity('room_attendance')
export class RoomAttendanceEntity {
  @PrimaryColumn({ name: 'room_id', type: 'varchar', length: 128 })
  roomId!: string;

  @Column({ type: 'varchar', length: 64 })
  epoch!: string;

  /** Counts the changes: of seats, roles, the room itself and its messages. */
  @Column({ type: 'bigint', transformer: asNumber })
  version!: number;

  /** Different users with a seat. */
  @Column({ type: 'int' })
  members!: number;
}

/** A redaction of late, kept for nodes that have members in the room and were not told of it. */
@Entity('room_redaction')
export class RoomRedactionEntity {
  @PrimaryColumn({ name: 'room_id', type: 'varchar', length: 128 })
  roomId!: string;

  /** Its number among the changes of the room. */
  @PrimaryColumn({ type: 'bigint', transformer: asNumber })
  version!: number;

  /** Of the message. */
  @Column({ type: 'bigint', transformer: asNumber })
  seq!: number;

  /** Unix ms. */
  @Column({ name: 'redacted_at', type: 'bigint', transformer: asNumber })
  redactedAt!: number;
}

/** A user's seat at one node. Freed by that node, or by whoever removes the node's lease. */
@Entity('room_seat')
export class RoomSeatEntity {
  @PrimaryColumn({ name: 'room_id', type: 'varchar', length: 128 })
  roomId!: string;

  @Index('room_seat_user_id')
  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 128 })
  userId!: string;

  @Index('room_seat_node_id')
  @PrimaryColumn({ name: 'node_id', type: 'varchar', length: 128 })
  nodeId!: string;

  @Column({ type: 'varchar', length: 128 })
  username!: string;

  /** Since when he is in the room, at whatever node; Unix ms. */
  @Column({ name: 'joined_at', type: 'bigint', transformer: asNumber })
  joinedAt!: number;
}
