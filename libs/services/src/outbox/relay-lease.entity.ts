import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Which node carries events from the outbox into the stream. One row. */
@Entity('relay_lease')
export class RelayLeaseEntity {
  @PrimaryColumn({ type: 'int' })
  id!: number;

  /** Null while nobody does. */
  @Column({ name: 'node_id', type: 'varchar', length: 128, nullable: true })
  nodeId!: string | null;
}
