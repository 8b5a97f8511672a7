import { type DynamicModule, type FactoryProvider, Global, Module } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { METRICS_OPTIONS, MetricsController, type MetricsOptions } from './metrics.controller.js';
import { Metrics } from './metrics.js';

export type MetricsAsyncOptions = Pick<FactoryProvider<MetricsOptions>, 'inject' | 'useFactory'>;

/** Provides the Metrics to the whole application, and `GET /metrics`: open to all, unless `forRoot` is given a token. */
@Global()
@Module({
  // Node's figures are added by the controller: by this option they would go to the registry of the process.
  imports: [PrometheusModule.register({ controller: MetricsController, defaultMetrics: { enabled: false } })],
  providers: [Metrics],
  exports: [Metrics],
})
export class MetricsModule {
  static forRoot(options: MetricsOptions): DynamicModule {
    return MetricsModule.forRootAsync({ useFactory: () => options });
  }

  static forRootAsync({ inject = [], useFactory }: MetricsAsyncOptions): DynamicModule {
    return {
      module: MetricsModule,
      providers: [{ provide: METRICS_OPTIONS, inject, useFactory }],
      exports: [METRICS_OPTIONS],
    };
  }
}
