export { HealthController, type HealthOptions } from './health/health.controller.js';
export { HealthModule } from './health/health.module.js';
export { type HealthCheck, HealthRegistry } from './health/health-registry.js';
export { type LogSettings, PinoLogger } from './logging/pino-logger.js';
export { MetricsController, type MetricsOptions } from './metrics/metrics.controller.js';
export { Metrics } from './metrics/metrics.js';
export { MetricsModule } from './metrics/metrics.module.js';
export { addSnapshots, expose, lastingPart, type MetricsSnapshot, takeSnapshot } from './metrics/metrics-snapshot.js';
export { MetricsText } from './metrics/metrics-text.js';
export {
  Count,
  Counter,
  Distribution,
  Gauge,
  Histogram,
  LabelledCounter,
  LabelledHistogram,
  type Labels,
} from './metrics/plain-metrics.js';
