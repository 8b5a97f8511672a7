import cluster, { type Worker } from 'node:cluster';
import { memoryChannels, pipeChannel, WorkersBroker, WorkersBus } from '@hubbub/bus';
import { Logger } from '@nestjs/common';
import { CrewMetrics } from './crew-metrics.js';
import { PRIMARY } from './crew-subjects.js';
import { Restarts } from './restarts.js';

/** A worker that does not end although it should have by now. */
const PATIENCE_MS = 5000;

export interface CrewOptions {
  readonly workers: number;
  /** What comes before the number in the names of the nodes. */
  readonly nodeId: string;
  readonly drainTimeoutMs: number;
  /** Told once, when the first of them listens. */
  onListening(this: void, port: number): void;
  /** Told once, when all of them have ended. `failed`: not as they should. */
  onEnd(this: void, failed: boolean): void;
}

/** One of the processes, and those that take its place. */
interface Place {
  readonly nodeId: string;
  readonly restarts: Restarts;
  worker: Worker | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** The workers of a primary: forked, joined by a bus, replaced when one dies, and ended together. */
export class Crew {
  private readonly logger = new Logger('Workers');
  private readonly broker = new WorkersBroker();
  private readonly places: Place[];
  private readonly metrics: CrewMetrics;
  private isServing = false;
  private isEnding = false;
  private hasFailed = false;

  constructor(private readonly options: CrewOptions) {
    this.places = Array.from({ length: options.workers }, (_, n) => ({
      nodeId: `${options.nodeId}-${n + 1}`,
      restarts: new Restarts(),
      worker: undefined,
      timer: undefined,
    }));
    const [own, atBroker] = memoryChannels();
    this.broker.attach(atBroker);
    this.metrics = new CrewMetrics(new WorkersBus(PRIMARY, own));
  }

  /** Forks the first one, and the others when it listens: so that one alone makes the tables, the secret, and mistakes. */
  start(): void {
    cluster.setupPrimary({ serialization: 'advanced' });
    void this.metrics.open();
    this.fork(this.places[0] as Place);
  }

  /** Drains all; a second time is for a person who will not wait. */
  end(signal: NodeJS.Signals): void {
    if (this.isEnding) return;
    this.isEnding = true;
    for (const { timer } of this.places) clearTimeout(timer);
    this.signal(signal);
    setTimeout(() => {
      this.hasFailed = true;
      this.signal('SIGKILL');
    }, this.options.drainTimeoutMs + PATIENCE_MS).unref();
    this.endIfAlone();
  }

  signal(signal: NodeJS.Signals): void {
    for (const { worker } of this.places) worker?.process.kill(signal);
  }

  private fork(place: Place): void {
    const worker = cluster.fork({ HUBBUB_CLUSTER_NODE_ID: place.nodeId });
    place.worker = worker;
    this.broker.attach(pipeChannel(worker));
    worker.once('listening', ({ port }) => {
      place.restarts.listens(performance.now());
      this.metrics.joined(String(worker.id));
      this.serves(port);
    });
    worker.once('exit', (code, signal) => {
      place.worker = undefined;
      this.metrics.left(String(worker.id));
      this.ended(place, code, signal);
    });
  }

  private serves(port: number): void {
    if (this.isServing || this.isEnding) return;
    this.isServing = true;
    for (const place of this.places.slice(1)) this.fork(place);
    this.options.onListening(port);
  }

  private ended(place: Place, code: number | null, signal: string | null): void {
    if (this.isEnding) {
      this.hasFailed ||= code !== 0;
      return this.endIfAlone();
    }
    const { nodeId } = place;
    const delayMs = this.isServing ? place.restarts.ended(performance.now()) : undefined;
    if (delayMs === undefined) {
      // The worker has said itself what keeps it from starting.
      this.logger.error({ msg: 'a worker cannot start, so all are ended', nodeId, code, signal });
      this.hasFailed = true;
      return this.end('SIGTERM');
    }
    // One that drained as it was asked to, by an operator, has done nothing wrong.
    const level = code === 0 ? 'log' : 'error';
    this.logger[level]({ msg: 'worker ended, and is replaced', nodeId, code, signal, delayMs });
    place.timer = setTimeout(() => this.fork(place), delayMs);
  }

  private endIfAlone(): void {
    if (this.places.every(({ worker }) => worker === undefined)) this.options.onEnd(this.hasFailed);
  }
}
