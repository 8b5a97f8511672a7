import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** `begun`: how it ended is not known. Its node died before it was stored, or the database was away. */
export type AuditOutcome = 'begun' | 'done' | 'failed';

/** One act of an operator. */
@Entity('audit_entry')
@Index('audit_entry_actor_id', ['actorId', 'id'])
@Index('audit_entry_action', ['action', 'id'])
@Index('audit_entry_room_id', ['roomId', 'id'])
@Index('audit_entry_user_id', ['userId', 'id'])
@Index('audit_entry_connection_id', ['connectionId', 'id'])
@Index('audit_entry_target_node_id', ['targetNodeId', 'id'])
@Index('audit_entry_token_id', ['tokenId', 'id'])
export class AuditEntryEntity {
  /** In the order of the time at which they began. */
  @PrimaryColumn({ type: 'varchar', length: 32 })
  id!: string;

  @Column({ type: 'bigint' })
  at!: number;

  @Column({ name: 'actor_id', type: 'varchar', length: 128 })
  actorId!: string;

  @Column({ name: 'actor_name', type: 'varchar', length: 128 })
  actorName!: string;

  @Column({ type: 'varchar', length: 256 })
  action!: string;

  @Column({ name: 'room_id', type: 'varchar', length: 256, nullable: true })
  roomId!: string | null;

  @Column({ name: 'user_id', type: 'varchar', length: 256, nullable: true })
  userId!: string | null;

  @Column({ name: 'connection_id', type: 'varchar', length: 256, nullable: true })
  connectionId!: string | null;

  @Column({ name: 'target_node_id', type: 'varchar', length: 256, nullable: true })
  targetNodeId!: string | null;

  @Column({ name: 'token_id', type: 'varchar', length: 256, nullable: true })
  tokenId!: string | null;

  @Column({ type: 'bigint', nullable: true })
  seq!: number | null;

  /** JSON text. */
  @Column({ type: 'text' })
  details!: string;

  @Column({ type: 'varchar', length: 16 })
  outcome!: AuditOutcome;

  @Column({ type: 'int', nullable: true })
  code!: number | null;

  /** Where it was done. */
  @Column({ name: 'node_id', type: 'varchar', length: 256 })
  nodeId!: string;

  @Column({ type: 'varchar', length: 64, nullable: true })
  address!: string | null;
}
