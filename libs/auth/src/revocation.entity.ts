import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Revocation } from './revocation-index.js';

/** A revocation as it is stored: every node reads them all when it starts. */
@Entity('revocation')
export class RevocationEntity {
  @PrimaryColumn({ type: 'varchar', length: 16 })
  kind!: Revocation['kind'];

  @PrimaryColumn({ type: 'varchar', length: 256 })
  subject!: string;

  @Column({ name: 'revoked_at', type: 'bigint' })
  revokedAtS!: number;

  @Column({ name: 'expires_at', type: 'bigint', nullable: true })
  expiresAt!: number | null;

  /** Counts up in the order of the commits: who has read up to one has missed none below. */
  @Index('revocation_number')
  @Column({ type: 'bigint', default: 0 })
  number!: number;
}

/** One row: the number of the latest revocation. Who makes one holds it until the commit. */
@Entity('revocation_count')
export class RevocationCountEntity {
  @PrimaryColumn({ type: 'int' })
  id!: number;

  @Column({ type: 'bigint' })
  number!: number;
}
