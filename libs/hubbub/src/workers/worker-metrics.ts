import cluster from 'node:cluster';
import { type Bus, WorkersBus } from '@hubbub/bus';
import { Metrics, MetricsText, takeSnapshot } from '@hubbub/observability';
import { HubbubError } from '@hubbub/protocol';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CREW_METRICS, PRIMARY, WORKER_METRICS } from './crew-subjects.js';

/** Longer than the primary waits for the workers. */
const DEADLINE_MS = 3000;

/**
 * `/metrics` of a worker: a scrape reaches any of them and is to tell of all. By a bus of its own, as the node's may be a broker
 * that is away.
 */
@Injectable()
export class WorkerMetrics extends MetricsText implements OnModuleInit, OnApplicationShutdown {
  private readonly bus: Bus;

  /** @throws Error in a process that is no worker */
  constructor(private readonly metrics: Metrics) {
    super();
    if (cluster.worker === undefined) throw new Error('this process is no worker');
    this.bus = new WorkersBus(String(cluster.worker.id));
  }

  async onModuleInit(): Promise<void> {
    await this.bus.respond(WORKER_METRICS, async () => Buffer.from(JSON.stringify(await takeSnapshot(this.metrics))));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.bus.close();
  }

  /** @throws HubbubError ServerError if the primary does not answer: figures of one worker alone would be wrong */
  async read(): Promise<string> {
    const { answers } = await this.bus.request(CREW_METRICS, new Uint8Array(), {
      deadlineMs: DEADLINE_MS,
      expected: [PRIMARY],
    });
    const [answer] = answers;
    if (answer === undefined) throw new HubbubError('ServerError', { message: 'The primary does not answer.' });
    return Buffer.from(answer.payload).toString();
  }
}
