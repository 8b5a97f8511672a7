import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { TestClient, TestGateway } from '@hubbub/testing';

/** Samples as `commands_total{type="ping",code="0"}`, without the common prefix; histograms by their `_count` and `_sum`. */
export type Samples = Map<string, number>;

/** An amount that a test cannot know: anything above zero. */
export const SOME = Symbol('some');

/**
 * Compared with what the clients saw (`Traffic`), not step by step; and what is no count of what happened: the health checks
 * and what the caches had.
 */
const TRAFFIC = /^(frames|received|sent|deliveries)_|^healthy|^cache_/;
/** Seconds are never exact; that each command has one duration is looked at as a whole. */
const DURATIONS = /^(command_duration_seconds|.+_seconds_sum)/;
const PATIENCE_MS = 10_000;

/**
 * The books of a gateway's metrics: every step says what it moves, and from then on the exposition must say the sum of all
 * steps, no more and no less. What is counted twice, or late, or beside the point, fails this step or the next.
 */
export class MetricsLedger {
  private total: Samples = new Map();

  /**
   * @param moved where the names go of metrics that a step has moved
   * @param families the metrics that the books are of. @default all
   */
  constructor(
    private readonly gateway: TestGateway,
    private readonly moved: Set<string>,
    private readonly families?: readonly string[],
  ) {}

  /** Runs `work`; by then or soon exactly `expected` has been added. */
  async moves<T>(expected: Record<string, number | typeof SOME>, work: () => T | Promise<T>): Promise<T> {
    const result = await work();
    const dueAt = (found: Samples) => {
      const due = new Map(this.total);
      for (const [sample, by] of Object.entries(expected)) {
        const before = due.get(sample) ?? 0;
        due.set(sample, by === SOME ? Math.max(found.get(sample) ?? 0, before + 1) : before + by);
      }
      return due;
    };
    const found = await this.readUntil((samples) => isDeepStrictEqual(plain(samples), plain(dueAt(samples))));
    const due = dueAt(found);
    for (const sample of Object.keys(expected)) this.moved.add(familyOf(sample));
    // One step that is wrong is told once.
    this.total = found;
    assert.deepEqual(plain(found), plain(due));
    return result;
  }

  /** What was sent and received is, to the byte, what the clients received and sent. */
  async agreesWith(traffic: Traffic): Promise<void> {
    const matches = (found: Samples) =>
      Object.entries(traffic.count()).every(([sample, value]) => found.get(sample) === value);
    const found = await this.readUntil(matches, true);
    const counted = traffic.count();
    assert.deepEqual(Object.fromEntries(Object.keys(counted).map((sample) => [sample, found.get(sample)])), counted);
    for (const sample of Object.keys(counted)) this.moved.add(familyOf(sample));
  }

  /** Every command answered has one duration, of its type. */
  async hasOneDurationPerCommand(): Promise<void> {
    const found = await read(this.gateway);
    const commands: Record<string, number> = {};
    for (const [sample, value] of found) {
      const [, type] = /^commands_total\{type="([^"]*)"/.exec(sample) ?? [];
      if (type !== undefined) commands[type] = (commands[type] ?? 0) + value;
    }
    const durations = Object.fromEntries(
      Object.keys(commands).map((type) => [type, found.get(`command_duration_seconds_count{type="${type}"}`)]),
    );
    assert.deepEqual(durations, commands);
    if (Object.values(commands).some((count) => count > 0)) this.moved.add('command_duration_seconds');
  }

  private isBooked(sample: string): boolean {
    if (TRAFFIC.test(sample) || DURATIONS.test(sample)) return false;
    return this.families?.includes(familyOf(sample)) ?? true;
  }

  private async readUntil(condition: (found: Samples) => boolean, withTraffic = false): Promise<Samples> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const all = await read(this.gateway);
      const found = new Map([...all].filter(([name]) => withTraffic || this.isBooked(name)));
      if (condition(found) || Date.now() > deadline) return found;
      await sleep(20);
    }
  }
}

/** What clients sent and received, counted at their end. */
export class Traffic {
  private readonly clients = new Set<TestClient>();
  private framesSent = 0;
  private bytesSent = 0;

  /** Counts all of `client`; to be called before it sends anything. */
  add(client: TestClient): TestClient {
    this.clients.add(client);
    const send = client.socket.send.bind(client.socket) as (data: string | Buffer) => void;
    client.socket.send = (data: unknown) => {
      this.framesSent++;
      this.bytesSent += Buffer.byteLength(data as string | Buffer);
      send(data as string | Buffer);
    };
    return client;
  }

  count(): Record<string, number> {
    const frames = [...this.clients].flatMap((client) => client.frames);
    const sizes = frames.map((frame) => Buffer.byteLength(JSON.stringify(frame)));
    const isPush = ({ message_type, request_id }: (typeof frames)[number]) =>
      request_id === undefined && !['connected', 'error'].includes(message_type);
    return {
      frames_received_total: this.framesSent,
      received_bytes_total: this.bytesSent,
      frames_sent_total: frames.length,
      sent_bytes_total: sizes.reduce((sum, size) => sum + size + headerOf(size), 0),
      deliveries_total: frames.filter(isPush).length,
    };
  }
}

/** The exposition of Hubbub's own metrics. */
export async function read(gateway: TestGateway): Promise<Samples> {
  const { text } = await gateway.fetch('GET', '/metrics');
  const samples: Samples = new Map();
  for (const [, sample = '', value] of text.matchAll(/^hubbub_(\w+(?:\{.*\})?) (\S+)$/gm)) {
    if (!/^\w+_bucket\{/.test(sample)) samples.set(sample, Number(value));
  }
  return samples;
}

/** The names of all metrics that there are, those included that have no samples yet. */
export async function readFamilies(gateway: TestGateway): Promise<string[]> {
  const { text } = await gateway.fetch('GET', '/metrics');
  return [...text.matchAll(/^# TYPE hubbub_(\w+) /gm)].map(([, name = '']) => name);
}

/** The metric of a sample, as its HELP line names it. */
function familyOf(sample: string): string {
  const name = sample.replace(/\{.*$/, '');
  return /_(seconds|messages)_(count|sum)$/.test(name) ? name.replace(/_(count|sum)$/, '') : name;
}

/** Without what is zero: a sample that is not there yet is. */
function plain(samples: Samples): Record<string, number> {
  return Object.fromEntries([...samples].filter(([, value]) => value !== 0).sort());
}

/** Of a WebSocket frame from a server. */
function headerOf(bytes: number): number {
  if (bytes < 126) return 2;
  return bytes < 65_536 ? 4 : 10;
}
