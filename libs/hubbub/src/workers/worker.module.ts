import { HubbubConfig } from '@hubbub/config';
import { Metrics, MetricsText } from '@hubbub/observability';
import { Global, Module } from '@nestjs/common';
import { WorkerMetrics } from './worker-metrics.js';

/** What a worker has in addition to what any node has; nothing elsewhere. */
@Global()
@Module({
  providers: [
    {
      provide: MetricsText,
      inject: [HubbubConfig, Metrics],
      useFactory: ({ server }: HubbubConfig, metrics: Metrics) =>
        server.workers === 1 ? null : new WorkerMetrics(metrics),
    },
  ],
  exports: [MetricsText],
})
export class WorkerModule {}
