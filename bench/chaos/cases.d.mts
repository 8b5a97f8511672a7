import type { Row, World } from './world.mjs';

export interface Case {
  readonly title: string;
  readonly bus: 'nats' | 'redis';
  readonly database?: 'postgres' | 'mariadb';
  readonly program?: string;
  readonly fault?: (world: World) => Promise<void>;
  readonly run?: (world: World, ms: number) => Promise<Omit<Row, 'faults'>>;
}

export const CASES: Readonly<Record<string, Case>>;
