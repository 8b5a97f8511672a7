import type { Case } from './cases.mjs';
import type { Servers } from './servers.mjs';

export interface RunningNode {
  readonly url: string;
  readonly http: string;
  readonly isRunning: boolean;
  stop(): Promise<unknown>;
}

/** What became of the messages; `faults` says in words what is wrong. */
export interface Row {
  readonly acknowledged: number;
  readonly delivered: number;
  readonly lost: number;
  readonly repeated: number;
  readonly reordered: number;
  readonly faults: string[];
}

export class World {
  constructor(options: {
    readonly size: { readonly nodes: number; readonly rooms: number; readonly people: number; readonly rate: number };
    readonly times?: { readonly away: number; readonly frozen: number };
    readonly servers?: Servers;
    readonly folder?: string;
    readonly nodes?: readonly RunningNode[];
    readonly secret?: string;
  });
  readonly faults: string[];
  start(options: Partial<Case> & { readonly env?: Readonly<Record<string, string>> }): Promise<void>;
  fill(patienceMs?: number): Promise<void>;
  endure(fault: ((world: World) => Promise<void>) | undefined, ms: number): Promise<Row>;
  end(): Promise<void>;
}
