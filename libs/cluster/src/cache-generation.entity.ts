import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The generation of what nodes remember of this database: one row. */
@Entity('cache_generation')
export class CacheGenerationEntity {
  @PrimaryColumn({ type: 'int' })
  id!: number;

  @Column({ type: 'bigint' })
  number!: number;
}
