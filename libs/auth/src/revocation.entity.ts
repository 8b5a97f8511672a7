import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Revocation } from './revocation-index.js';
import { unixColumn } from './unix-column.js';

/** A revocation as it is stored: every node reads them all when it starts. */
@Entity('revocation')
export class RevocationEntity {
  @PrimaryColumn({ type: 'varchar', length: 16 })
  kind!: Revocation['kind'];

  @PrimaryColumn({ type: 'varchar', length: 256 })
  subject!: string;

  @Index('revocation_revoked_at')
  @Column({ name: 'revoked_at', type: 'bigint', transformer: unixColumn })
  revokedAtS!: number;

  @Column({ name: 'expires_at', type: 'bigint', nullable: true, transformer: unixColumn })
  expiresAt!: number | null;
}
