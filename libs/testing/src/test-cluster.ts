import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, Connections, Database, MemoryBroker, MemoryBus, openBus, type PartialConfig } from '@hubbub/hubbub';
import { type Faults, FaultyBus } from './faulty-bus.js';
import { type Recording, type TalkOptions, talk } from './talk.js';
import type { TestClient } from './test-client.js';
import { TestGateway, type TestGatewayOptions } from './test-gateway.js';
import type { TestUser } from './tokens.js';

export interface TestClusterOptions extends Omit<TestGatewayOptions, 'makeBus'> {
  /** Configuration of one node alone; it wins over that of all. */
  readonly nodeConfig?: (index: number) => PartialConfig;
  /** How the bus of each node fails; the same for the same seed and order of events. `buses` changes it later. @default not at all */
  readonly faults?: Partial<Faults> & { readonly seed?: number };
  /** Put around the bus of a node, within what fails. @default nothing */
  readonly wrap?: (bus: Bus, nodeId: string) => Bus;
}

/**
 * Whole gateways in one process, on one database and one bus, each with a node id of its own: `n1`, `n2`, … The database
 * is one SQLite file in a temporary folder and the bus in memory unless the configuration names others.
 */
export class TestCluster implements AsyncDisposable {
  /** By number, as they were started; one that was killed stays there until it is restarted. */
  readonly nodes: TestGateway[] = [];
  /** The bus of each node, to be cut, healed, or made to lose, double and delay. */
  readonly buses: FaultyBus[] = [];
  private readonly alive = new Set<number>();
  private readonly broker = new MemoryBroker();

  private constructor(
    private readonly options: TestClusterOptions,
    private readonly dataDir: string,
  ) {}

  static async start(count: number, options: TestClusterOptions = {}): Promise<TestCluster> {
    const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'hubbub-cluster-'));
    const cluster = new TestCluster(options, dataDir);
    try {
      for (let index = 0; index < count; index++) await cluster.startNode(index);
    } catch (error) {
      await cluster.close();
      throw error;
    }
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

  /** Connects a user at a node. */
  connect(index: number, userId: string, user?: TestUser): Promise<TestClient> {
    return this.node(index).connect(userId, user);
  }

  /** Connects a user at a node, and joins a room. */
  enter(index: number, userId: string, roomId: string, user?: TestUser): Promise<TestClient> {
    return this.node(index).enter(userId, roomId, user);
  }

  /** People in rooms, spread over the nodes, who talk at once; `expectNoLoss` of what it resolves with says whether all got all. */
  talk(options?: TalkOptions): Promise<Recording> {
    return talk(
      this.nodes.filter((_, index) => this.alive.has(index)),
      options,
    );
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
    const { app, clients } = this.node(index);
    this.buses[index]?.partition();
    const closed = app.get(Database, { strict: false }).close();
    for (const connection of app.get(Connections, { strict: false }).all()) connection.end(1006, false);
    app.getHttpServer().closeAllConnections();
    for (const client of clients) client.socket.terminate();
    await closed;
    // Ends its timers. That its flushes fail is the point.
    await app.close().catch(() => {});
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

  /** Closes all clients with a close frame. */
  async closeClients(): Promise<void> {
    for (const node of this.nodes) await node.closeClients();
  }

  async close(): Promise<void> {
    for (const index of [...this.alive]) await this.stop(index);
    if (this.options.dataDir === undefined) rmSync(this.dataDir, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private openBus(nodeId: string): Bus | Promise<Bus> {
    const { type = 'memory', url } = this.options.bus ?? {};
    return type === 'memory' ? new MemoryBus(nodeId, this.broker) : openBus({ type, url }, nodeId);
  }

  private async startNode(index: number, given: PartialConfig = {}): Promise<TestGateway> {
    const { faults = {}, wrap = (bus) => bus, nodeConfig, ...shared } = this.options;
    const own = { ...nodeConfig?.(index), ...given };
    const gateway = await TestGateway.start({
      ...shared,
      ...own,
      cluster: { nodeId: this.nodeId(index), ...shared.cluster, ...own.cluster },
      dataDir: this.dataDir,
      makeBus: async (nodeId) => {
        const seed = (faults.seed ?? 1) + index;
        const bus = new FaultyBus(wrap(await this.openBus(nodeId), nodeId), nodeId, { ...faults, seed });
        this.buses[index] = bus;
        return bus;
      },
    });
    this.nodes[index] = gateway;
    this.alive.add(index);
    return gateway;
  }
}

/** Starts nodes that act as one; close it in `afterAll`, or write `await using`. */
export function startCluster(count: number, options?: TestClusterOptions): Promise<TestCluster> {
  return TestCluster.start(count, options);
}
