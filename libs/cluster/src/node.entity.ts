import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Lease } from './lease.js';

/** The lease of a node: one row for each that lives. */
@Entity('node')
export class NodeEntity implements Lease {
  @PrimaryColumn({ name: 'id', type: 'varchar', length: 128 })
  nodeId!: string;

  @Column({ type: 'varchar', length: 36 })
  incarnation!: string;

  @Column({ type: 'bigint' })
  beat!: number;
}
