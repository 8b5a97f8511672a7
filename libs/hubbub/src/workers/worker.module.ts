import type { HubbubConfig } from '@hubbub/config';
import { MetricsText } from '@hubbub/observability';
import { Global, Module } from '@nestjs/common';
import { WorkerMetrics } from './worker-metrics.js';

/** What a worker has in addition to what any node has. */
@Global()
@Module({
  providers: [{ provide: MetricsText, useClass: WorkerMetrics }],
  exports: [MetricsText],
})
class WorkerModule {}

export function workerModules({ server }: HubbubConfig): (typeof WorkerModule)[] {
  return server.workers === 1 ? [] : [WorkerModule];
}
