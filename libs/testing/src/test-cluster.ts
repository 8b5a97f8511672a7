import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, MemoryBroker, MemoryBus, openBus } from '@hubbub/bus';
import { ClusterEvents } from '@hubbub/cluster';
import { Connections, Database, type PartialConfig } from '@hubbub/hubbub';
import { makeTestDatabase, type TestedDatabase, type TestServerDatabase } from '@hubbub/storage/testing';
import { CutBus } from './cut-bus.js';
import { TestGateway, type TestGatewayOptions } from './test-gateway.js';

export interface TestClusterOptions extends Omit<TestGatewayOptions, 'bus'> {
  /** The bus of a node. @default the one that the configuration names, or a memory bus; all of them share one broker */
  readonly bus?: (nodeId: string) => Bus;
  /** Put around the bus of a node, as a faulty one is. @default nothing */
  readonly wrap?: (bus: Bus, nodeId: string) => Bus;
  /** Type of the database that the nodes share. @default 'sqlite' */
  readonly database?: TestedDatabase;
  /** Configuration of one node alone; it wins over that of all. */
  readonly nodeConfig?: (index: number) => PartialConfig;
}

/** Suites run side by side, and a server has a hundred connections. */
const POOL_SIZE = 4;

/**
 * Whole gateways in one process, on one database and one bus, each with a node id of its own: `n1`, `n2`, … The database
 * is one SQLite file in a temporary folder unless the options say otherwise.
 */
export class TestCluster {
  /** By number, as they were started; one that was killed stays there until it is restarted. */
  readonly nodes: TestGateway[] = [];
  private readonly buses: CutBus[] = [];
  private readonly alive = new Set<number>();
  private readonly broker = new MemoryBroker();

  private constructor(
    private readonly config: PartialConfig,
    private readonly options: TestClusterOptions,
    private readonly dataDir: string,
    private readonly server: TestServerDatabase | undefined,
  ) {}

  static async start(count: number, config: PartialConfig = {}, options: TestClusterOptions = {}) {
    const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'hubbub-cluster-'));
    const { database = 'sqlite' } = options;
    const server = database === 'sqlite' ? undefined : await makeTestDatabase(database);
    const cluster = new TestCluster(config, options, dataDir, server);
    for (let index = 0; index < count; index++) await cluster.startNode(index);
    return cluster;
  }

  /** A node by its number. @throws if there is none */
  node(index: number): TestGateway {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`there is no node ${index}`);
    return node;
  }

  /** The id of a node by its number. */
  nodeId(index: number): string {
    return `n${index + 1}`;
  }

  /** Starts one more node. @param config of this one alone */
  async add(config: PartialConfig = {}): Promise<TestGateway> {
    return this.startNode(this.nodes.length, config);
  }

  /**
   * Ends a node without a goodbye: its bus and its database are gone before its sockets are, so that nobody hears of it. What
   * it does to its own objects afterwards reaches nobody.
   */
  async kill(index: number): Promise<void> {
    if (!this.alive.delete(index)) return;
    const { app } = this.node(index);
    this.buses[index]?.cut();
    const closed = app.get(Database, { strict: false }).close();
    for (const connection of app.get(Connections, { strict: false }).all()) connection.end(1006, false);
    app.getHttpServer().closeAllConnections();
    for (const client of this.node(index).clients) client.socket.terminate();
    await closed;
    // Ends its timers. That its flushes fail is the point.
    await app.close().catch(() => {});
  }

  /** Has a node taken for dead by another, as one that was frozen is. It finds out by itself, and comes back. */
  async takeForDead(index: number, by: number): Promise<void> {
    const nodeId = this.nodeId(index);
    const database = this.node(by).app.get(Database, { strict: false });
    const events = this.node(by).app.get(ClusterEvents, { strict: false });
    await database.transaction(async (manager) => {
      await manager.query(`DELETE FROM node WHERE id = '${nodeId}'`);
      await events.nodeRemoved(manager, nodeId);
    });
    events.nodeGone(nodeId);
  }

  /** Ends a node in good order. */
  async stop(index: number): Promise<void> {
    if (this.alive.delete(index)) await this.node(index).close();
  }

  /** Starts a node that was killed or stopped again: the same id, another port. */
  async restart(index: number): Promise<TestGateway> {
    if (this.alive.has(index)) throw new Error(`node ${index} is running`);
    return this.startNode(index);
  }

  async close(): Promise<void> {
    for (const index of [...this.alive]) await this.stop(index);
    await this.server?.drop();
    if (this.options.dataDir === undefined) rmSync(this.dataDir, { recursive: true, force: true });
  }

  private openBus(nodeId: string): Bus | Promise<Bus> {
    const { type = 'memory', url } = this.config.bus ?? {};
    return type === 'memory' ? new MemoryBus(nodeId, this.broker) : openBus({ type, url }, nodeId);
  }

  private async startNode(index: number, given: PartialConfig = {}): Promise<TestGateway> {
    const { bus, wrap, nodeConfig, database: _, ...options } = this.options;
    const own = { ...nodeConfig?.(index), ...given };
    const config: PartialConfig = {
      ...this.config,
      ...(this.server === undefined
        ? {}
        : { database: { type: this.server.type, url: this.server.url, poolSize: POOL_SIZE, ...this.config.database } }),
      ...own,
      cluster: { nodeId: this.nodeId(index), ...this.config.cluster, ...own.cluster },
    };
    const gateway = await TestGateway.start(config, {
      ...options,
      dataDir: this.dataDir,
      bus: async (nodeId) => {
        const inner = bus?.(nodeId) ?? (await this.openBus(nodeId));
        const cut = new CutBus(wrap?.(inner, nodeId) ?? inner);
        this.buses[index] = cut;
        return cut;
      },
    });
    this.nodes[index] = gateway;
    this.alive.add(index);
    return gateway;
  }
}

/** Starts nodes that act as one; close it in `afterAll`. */
export function startCluster(
  count: number,
  config?: PartialConfig,
  options?: TestClusterOptions,
): Promise<TestCluster> {
  return TestCluster.start(count, config, options);
}
