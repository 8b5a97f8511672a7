import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A local account. Users of other issuers have none. */
@Entity('account')
export class UserEntity {
  /** The username in lower case: what makes names unique without regard to case. */
  @PrimaryColumn({ type: 'varchar', length: 128 })
  id!: string;

  /** As it was written at registration. */
  @Column({ type: 'varchar', length: 128 })
  username!: string;

  /** PHC string of argon2id, with its salt and parameters. */
  @Column({ name: 'password_hash', type: 'varchar', length: 255 })
  passwordHash!: string;

  @Column({ name: 'created_at', type: 'bigint' })
  createdAt!: number;
}
