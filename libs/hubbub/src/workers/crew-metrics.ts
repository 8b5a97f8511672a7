import type { Bus, Subscription } from '@hubbub/bus';
import { addSnapshots, expose, lastingPart, type MetricsSnapshot } from '@hubbub/observability';
import { CREW_METRICS, WORKER_METRICS } from './crew-subjects.js';

/** A worker that takes longer is counted as it was last seen. */
const DEADLINE_MS = 1000;
const NOTHING = new Uint8Array();

/**
 * The figures of all workers added up, kept by their primary: what a worker had counted when it was last seen stays in the sums
 * after its end, as a counter that falls is taken for one that began anew.
 */
export class CrewMetrics {
  private readonly lastSeen = new Map<string, MetricsSnapshot>();
  private retired: Promise<MetricsSnapshot> = Promise.resolve([]);

  constructor(private readonly bus: Bus) {}

  /** Answers workers that are asked for the sums. */
  open(): Promise<Subscription> {
    return this.bus.respond(CREW_METRICS, async () => Buffer.from(await this.read()));
  }

  /** A worker that is to be asked from now on. */
  joined(worker: string): void {
    this.lastSeen.set(worker, []);
  }

  left(worker: string): void {
    const last = this.lastSeen.get(worker);
    if (last === undefined) return;
    this.lastSeen.delete(worker);
    this.retired = this.retired.then((before) => addSnapshots([before, lastingPart(last)]));
  }

  private async read(): Promise<string> {
    const expected = [...this.lastSeen.keys()];
    const { answers } = await this.bus.request(WORKER_METRICS, NOTHING, { deadlineMs: DEADLINE_MS, expected });
    for (const { nodeId, payload } of answers) {
      if (this.lastSeen.has(nodeId)) this.lastSeen.set(nodeId, JSON.parse(Buffer.from(payload).toString()));
    }
    return expose(await addSnapshots([...this.lastSeen.values(), await this.retired]));
  }
}
