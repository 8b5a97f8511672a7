import { randomUUID } from 'node:crypto';
import { Control, NodeInfo, Nodes } from '@hubbub/bus';
import { HubbubError } from '@hubbub/protocol';
import type { Connection } from '@hubbub/transport';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { TapFeed } from './tap-feed.js';
import { LEASE_MS, type TapSpec } from './tap-options.js';
import { END, WATCH } from './tap-sources.service.js';
import { TapStream } from './tap-stream.js';

/** Taps that a node has at once. */
export const MAX_TAPS = 5;
/** Longest life of a tap. */
const LIFE_MS = 600_000;
const ANNOUNCE_EVERY_MS = LEASE_MS / 3;
const RETRY_AFTER_MS = 10_000;

/** The taps of the operators who are connected here. */
@Injectable()
export class Taps implements OnModuleInit, OnApplicationShutdown {
  private readonly streams = new Map<string, TapStream>();
  private readonly specs = new Map<string, TapSpec>();

  constructor(
    private readonly control: Control,
    private readonly node: NodeInfo,
    private readonly nodes: Nodes,
    private readonly feed: TapFeed,
  ) {}

  onModuleInit(): void {
    this.feed.onItems((id, items) => {
      const stream = this.streams.get(id);
      const now = performance.now();
      for (const item of items) stream?.add(item, now);
    });
    this.nodes.onJoined(() => {
      for (const spec of this.specs.values()) this.announce(spec);
    });
  }

  onApplicationShutdown(): void {
    for (const stream of this.streams.values()) stream.end();
  }

  /**
   * Has all nodes watch, and resolves once they do. Its first item says how many.
   * @throws HubbubError RateLimited above `MAX_TAPS`, ServerError
   */
  async open(target: Omit<TapSpec, 'id' | 'nodeId'>, connection: Connection): Promise<TapStream> {
    if (this.streams.size >= MAX_TAPS) throw tooMany();
    const spec: TapSpec = { ...target, id: randomUUID(), nodeId: this.node.nodeId };
    const timers: NodeJS.Timeout[] = [];
    const stream = new TapStream(() => {
      for (const timer of timers) clearInterval(timer);
      this.close(spec.id);
    }, performance.now());
    this.streams.set(spec.id, stream);
    this.specs.set(spec.id, spec);
    try {
      await this.feed.follow(spec.id);
      const { nodes } = await this.control.call(WATCH, spec);
      const started = { direction: 'event', type: 'tap_started', bytes: 0, nodes } as const;
      stream.add({ at: Date.now(), node_id: this.node.nodeId, ...started }, performance.now());
    } catch (error) {
      stream.end();
      throw error;
    }
    // The node may have been shut down meanwhile.
    if (!this.streams.has(spec.id)) return stream;
    timers.push(
      setInterval(() => this.renew(spec, stream, connection), ANNOUNCE_EVERY_MS).unref(),
      setTimeout(() => stream.end(), LIFE_MS).unref(),
    );
    return stream;
  }

  private renew(spec: TapSpec, stream: TapStream, { identity }: Connection): void {
    // A new token may grant less.
    if (identity?.permissions.has('admin:system')) return this.announce(spec);
    stream.fail(new HubbubError('Forbidden', { details: { permission: 'admin:system' } }));
  }

  private announce(spec: TapSpec): void {
    this.control.call(WATCH, spec).catch(ignored);
  }

  private close(id: string): void {
    this.streams.delete(id);
    this.specs.delete(id);
    this.feed.unfollow(id);
    this.control.call(END, { id }).catch(ignored);
  }
}

function tooMany(): HubbubError {
  const message = `This node has ${MAX_TAPS} taps, which is the most: end one of them, or tap at another node.`;
  return new HubbubError('RateLimited', { message, retryAfterMs: RETRY_AFTER_MS });
}

/** The lease ends it, or the next announcement makes it good. */
function ignored(): void {}
