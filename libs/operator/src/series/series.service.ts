import { setTimeout as sleep } from 'node:timers/promises';
import { Control, NodeInfo } from '@hubbub/bus';
import { HealthRegistry } from '@hubbub/observability';
import { DrainState } from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { missing } from '../gathered.js';
import { COLUMNS } from './columns.js';
import { INTERVAL_MS, NodeSeries } from './node-series.service.js';

const CONTROL = 'operator.series';
/** A check that takes longer counts as failed: the answer would come too late. */
const CHECK_TIMEOUT_MS = 1000;

export interface NodeAnswer {
  readonly node_id: string;
  readonly version: string;
  readonly started_at: number;
  readonly ready: boolean;
  readonly draining: boolean;
  /** JSON has no NaN: what was not measured is null. */
  readonly rows: readonly (readonly (number | null)[])[];
}

/** The last hour of all nodes. */
@Injectable()
export class Series implements OnModuleInit {
  constructor(
    private readonly control: Control,
    private readonly node: NodeInfo,
    private readonly series: NodeSeries,
    private readonly drain: DrainState,
    private readonly health: HealthRegistry,
  ) {}

  onModuleInit(): void {
    this.control.handle(CONTROL, ({ since }: { since: number }) => this.own(since));
  }

  /** @param since rows of intervals that ended later, Unix ms */
  async read(since = 0) {
    const { results, unconfirmed } = await this.control.call<NodeAnswer>(CONTROL, { since });
    return {
      timestamp: Date.now(),
      interval_ms: INTERVAL_MS,
      columns: [...COLUMNS],
      nodes: [...results].sort((a, b) => (a.node_id < b.node_id ? -1 : 1)),
      ...missing(unconfirmed),
    };
  }

  private async own(since: number): Promise<NodeAnswer> {
    const { nodeId, version, startedAt } = this.node;
    return {
      node_id: nodeId,
      version,
      started_at: startedAt,
      ready: await this.isReady(),
      draining: this.drain.isDraining,
      rows: this.series.rows(since),
    };
  }

  /** By the checks of `/health/ready`. */
  private async isReady(): Promise<boolean> {
    const timer = new AbortController();
    const checks = this.health.all().filter(({ ready }) => ready);
    const passed = Promise.all(checks.map(async (check) => check.check())).then(
      () => true,
      () => false,
    );
    const late = sleep(CHECK_TIMEOUT_MS, false, { signal: timer.signal }).catch(() => false);
    const isReady = await Promise.race([passed, late]);
    timer.abort();
    return isReady;
  }
}
