import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A role that was given to a user in a room. The owner's is in the room itself; `none` has no row. */
@Entity('room_member')
export class RoomMemberEntity {
  @PrimaryColumn({ name: 'room_id', type: 'varchar', length: 128 })
  roomId!: string;

  @Index('room_member_user_id')
  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 128 })
  userId!: string;

  @Column({ type: 'varchar', length: 16 })
  role!: 'moderator' | 'member' | 'invited' | 'banned';
}
