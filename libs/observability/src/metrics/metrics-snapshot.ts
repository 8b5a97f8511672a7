import { AggregatorRegistry } from 'prom-client';
import type { Metrics } from './metrics.js';
import { processMetrics } from './process-metrics.js';

/** All figures of one process at one moment, as prom-client writes them; plain data. */
export type MetricsSnapshot = readonly { readonly name: string; readonly type: string }[];

/** This application's figures, and Node's. */
export async function takeSnapshot({ registry }: Metrics): Promise<MetricsSnapshot> {
  return [...(await asJson(registry)), ...(await asJson(processMetrics()))];
}

/**
 * The figures of several processes as those of one: counters, histograms and gauges added up; of Node's own, each as makes
 * sense for it.
 */
export function addSnapshots(snapshots: readonly MetricsSnapshot[]): Promise<MetricsSnapshot> {
  return asJson(AggregatorRegistry.aggregate([...snapshots]));
}

/** What stays true of a process that has ended: what it has counted. */
export function lastingPart(snapshot: MetricsSnapshot): MetricsSnapshot {
  return snapshot.filter(({ type }) => type === 'counter' || type === 'histogram');
}

/** As Prometheus text. */
export function expose(snapshot: MetricsSnapshot): Promise<string> {
  return AggregatorRegistry.aggregate([snapshot]).metrics();
}

/** Prom-client's type of it knows neither the values nor that `type` is the name. */
async function asJson(registry: { getMetricsAsJSON(): Promise<unknown> }): Promise<MetricsSnapshot> {
  return (await registry.getMetricsAsJSON()) as MetricsSnapshot;
}
