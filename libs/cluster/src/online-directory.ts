import { randomUUID } from 'node:crypto';
import { Bus, NodeInfo, Nodes } from '@hubbub/bus';
import { HubbubConfig } from '@hubbub/config';
import { subjectKey, syncSubject } from '@hubbub/protocol';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { ClusterEvents } from './cluster-events.js';
import { OnlineUsers } from './online-users.js';
import type { UsersDiff, UsersPage } from './own-users.js';

const SUBJECT = syncSubject('online');
const subjectOf = (nodeId: string) => syncSubject(`online.${subjectKey(nodeId)}`);
/** For one page of another node's users. */
const PAGE_DEADLINE_MS = 1000;
/** Before a hole is filled by asking: what is missing may only be late. */
const HOLE_MS = 50;

/** What a node tells the others. */
interface Announcement extends UsersDiff {
  readonly node: string;
  /** Of the process: numbers begin anew with it. */
  readonly epoch: string;
}

interface PageAnswer extends UsersPage {
  readonly epoch: string;
}

/**
 * Which users are connected to which nodes, as far as the nodes have told each other: each its own changes, numbered. A hint,
 * quick and seldom wrong; what is lost is asked for within `cluster.repair_ms`. On a lone node there is nothing in it.
 */
@Injectable()
export class OnlineDirectory implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Online');
  private readonly epoch = randomUUID();
  private readonly listeners: (() => void)[] = [];
  private readonly sharedListeners: ((userId: string) => void)[] = [];
  private readonly users = new OnlineUsers((userId) => {
    for (const listener of this.sharedListeners) listener(userId);
  });
  private readonly loading = new Set<string>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private announcing: NodeJS.Timeout | undefined;
  private flush: NodeJS.Immediate | undefined;
  private lastCount = 0;

  constructor(
    private readonly node: NodeInfo,
    private readonly nodes: Nodes,
    private readonly bus: Bus,
    private readonly events: ClusterEvents,
    private readonly config: HubbubConfig,
  ) {}

  onModuleInit(): void {
    this.events.onReady(() => (this.announcing === undefined ? this.join() : this.announce()));
  }

  onModuleDestroy(): void {
    clearInterval(this.announcing);
    clearImmediate(this.flush);
    for (const timer of this.timers) clearTimeout(timer);
  }

  /** Users connected to any node. */
  get count(): number {
    return this.users.count;
  }

  /** Other nodes that are believed to have connections of the user. */
  nodesOf(userId: string): readonly string[] {
    return this.users.nodesOf(userId);
  }

  /** How many connections the user is believed to have at other nodes. */
  elsewhere(userId: string): number {
    return this.users.elsewhere(userId);
  }

  /** Calls `listener` when `count` has changed. */
  onCount(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Calls `listener` when how many connections a user has, here or elsewhere, has changed, and he has some at both. */
  onShared(listener: (userId: string) => void): void {
    this.sharedListeners.push(listener);
  }

  /** For whoever knows the connections of this node: how many the user has here now. The others are told at the end of the turn. */
  set(userId: string, connections: number): void {
    if (!this.node.clustered || !this.users.set(userId, connections)) return;
    this.tellListeners();
    this.flush ??= setImmediate(() => this.tellDiffs());
  }

  private async join(): Promise<void> {
    await this.bus.subscribe(SUBJECT, (payload) => this.heard(parse<Announcement>(payload)));
    await this.bus.respond(subjectOf(this.node.nodeId), (payload) => {
      const { page } = parse<{ page: number }>(payload);
      const answer: PageAnswer = { epoch: this.epoch, ...this.users.own.page(page) };
      return encode(answer);
    });
    this.nodes.onJoined(() => this.announce());
    this.nodes.onGone((nodeId) => {
      this.users.drop(nodeId);
      this.tellListeners();
    });
    this.bus.onReconnect(() => this.announce());
    this.announcing = setInterval(() => this.announce(), this.config.cluster.repairMs).unref();
    this.announce();
  }

  private tellDiffs(): void {
    this.flush = undefined;
    for (const diff of this.users.own.diffs()) this.publish(diff);
  }

  /** Which is our latest change: who has another latest has missed some. */
  private announce(): void {
    this.publish({ number: this.users.own.number });
  }

  private publish(diff: UsersDiff): void {
    const announcement: Announcement = { node: this.node.nodeId, epoch: this.epoch, ...diff };
    try {
      this.bus.publish(SUBJECT, encode(announcement));
    } catch {
      // Away: they find by the number what they missed.
    }
  }

  private heard({ node, epoch, number, users }: Announcement): void {
    // Not of one that nobody knows: it has not joined yet, or was taken for dead.
    if (node === this.node.nodeId || !this.nodes.has(node)) return;
    const hasHole = this.users.take(node, epoch, users === undefined ? { number } : { number, users });
    this.tellListeners();
    if (hasHole) this.loadSoon(node);
  }

  private loadSoon(nodeId: string): void {
    if (this.loading.has(nodeId)) return;
    this.loading.add(nodeId);
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void this.load(nodeId).finally(() => this.loading.delete(nodeId));
    }, HOLE_MS);
    this.timers.add(timer.unref());
  }

  /** What goes wrong is tried again with that node's next announcement. */
  private async load(nodeId: string): Promise<void> {
    let page: number | null = this.users.hasHole(nodeId) ? 0 : null;
    try {
      while (page !== null && this.nodes.has(nodeId)) page = await this.loadPage(nodeId, page);
    } catch (error) {
      this.logger.debug({ msg: 'the users of another node could not be read', nodeId, err: error });
    }
    this.tellListeners();
  }

  private async loadPage(nodeId: string, page: number): Promise<number | null> {
    const options = { deadlineMs: PAGE_DEADLINE_MS, expected: [nodeId] };
    const { answers } = await this.bus.request(subjectOf(nodeId), encode({ page }), options);
    const answer = answers.find((one) => one.nodeId === nodeId);
    if (answer === undefined || !this.nodes.has(nodeId)) return null;
    const { epoch, ...found } = parse<PageAnswer>(answer.payload);
    return this.users.load(nodeId, epoch, page, found);
  }

  private tellListeners(): void {
    if (this.users.count === this.lastCount) return;
    this.lastCount = this.users.count;
    for (const listener of this.listeners) listener();
  }
}

function encode(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function parse<T>(payload: Uint8Array): T {
  return JSON.parse(Buffer.from(payload).toString()) as T;
}
