import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One refresh token, used or not. All that came from one sign-in are a family. */
@Entity('refresh_token')
@Index('refresh_token_family', ['family', 'generation'])
export class RefreshTokenEntity {
  /** SHA-256 of the token in hex: who reads the table can use none of it. */
  @PrimaryColumn({ type: 'varchar', length: 64 })
  hash!: string;

  /** The `sid` of the access tokens that come with it. */
  @Column({ type: 'varchar', length: 64 })
  family!: string;

  /** 0 for the one from the sign-in, one more with each rotation. */
  @Column({ type: 'int' })
  generation!: number;

  @Index('refresh_token_user_id')
  @Column({ name: 'user_id', type: 'varchar', length: 128 })
  userId!: string;

  /** Unix ms, as all times here. */
  @Column({ name: 'issued_at', type: 'bigint' })
  issuedAt!: number;

  @Index('refresh_token_expires_at')
  @Column({ name: 'expires_at', type: 'bigint' })
  expiresAt!: number;

  /** When the last access token of the family ends, as far as is known here: a revocation of the family is kept until then. */
  @Column({ name: 'access_expires_at', type: 'bigint' })
  accessExpiresAt!: number;

  /** Null while it can be used. */
  @Column({ name: 'used_at', type: 'bigint', nullable: true })
  usedAt!: number | null;

  /** Replaced by another of the next generation before it was used, as its answer was lost (see refresh-tokens.ts). */
  @Column({ type: 'boolean' })
  withdrawn!: boolean;

  /** SHA-256 of the `Idempotency-Key` that it was used with, if there was one. */
  @Column({ name: 'retry_key_hash', type: 'varchar', length: 64, nullable: true })
  retryKeyHash!: string | null;
}
