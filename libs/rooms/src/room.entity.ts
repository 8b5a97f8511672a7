import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A room as it is stored. Its messages belong to the message log, who is in it now to nobody's table. */
@Entity('room')
@Index('room_created_at', ['createdAt', 'id'])
export class RoomEntity {
  @PrimaryColumn({ type: 'varchar', length: 128 })
  id!: string;

  /** The numbering of its messages, given by the log when the room was made; tells it from a namesake deleted before. */
  @Column({ type: 'varchar', length: 64 })
  epoch!: string;

  @Column({ type: 'varchar', length: 128 })
  name!: string;

  /** Null for rooms made by a service. */
  @Index('room_owner_id')
  @Column({ name: 'owner_id', type: 'varchar', length: 128, nullable: true })
  ownerId!: string | null;

  @Column({ type: 'varchar', length: 16 })
  visibility!: 'public' | 'private';

  @Column({ type: 'varchar', length: 16 })
  history!: 'durable' | 'none';

  /** 0 = no limit. */
  @Column({ name: 'max_clients', type: 'int' })
  maxClients!: number;

  /** JSON text of an object. */
  @Column({ type: 'text' })
  metadata!: string;

  @Column({ name: 'created_at', type: 'bigint' })
  createdAt!: number;
}
