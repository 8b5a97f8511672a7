import { MemoryBroker } from '@hubbub/bus';
import type { Database } from '@hubbub/storage';
import { describeOnEveryDatabase } from '@hubbub/storage/testing';
import { Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { CLUSTER_ENTITIES, CLUSTER_MIGRATIONS } from './cluster-storage.js';
import { nodeStore } from './node-store.js';
import { type ClusterNode, type ClusterNodeOptions, clusterNode } from './testing/cluster-node.js';

describeOnEveryDatabase('nodes that keep leases', (open) => {
  let database: Database;
  let broker: MemoryBroker;
  let started: ClusterNode[];

  beforeAll(() => Logger.overrideLogger(false));
  beforeEach(async () => {
    database = await open({ entities: CLUSTER_ENTITIES, migrations: CLUSTER_MIGRATIONS });
    broker = new MemoryBroker();
    started = [];
  });
  afterEach(async () => {
    for (const node of started) await node.stop();
    await database.close();
  });

  const make = (nodeId: string, on: Database = database, options?: ClusterNodeOptions) =>
    clusterNode(nodeId, on, broker, options);
  async function start(nodeId: string, on?: Database, options?: ClusterNodeOptions): Promise<ClusterNode> {
    const node = make(nodeId, on, options);
    started.push(node);
    await node.start();
    return node;
  }
  const leases = () => database.read((manager) => nodeStore.all(manager));
  const removals = (node: ClusterNode) => {
    const removed: string[] = [];
    node.events.onNodeRemoved(async (_, nodeId) => void removed.push(nodeId));
    return removed;
  };
  const goings = (node: ClusterNode) => {
    const gone: string[] = [];
    node.events.onNodeGone((nodeId) => void gone.push(nodeId));
    return gone;
  };

  it('know of each other at once, and of one that leaves', async () => {
    const [a, b] = [await start('a'), await start('b')];
    const gone = [goings(a), goings(b)];
    await a.until('+b');
    expect([b.told, b.nodes.alive()]).toEqual([
      ['+a', 'ready'],
      ['b', 'a'],
    ]);
    await b.stop();
    await a.until('-b');
    expect((await leases()).map(({ nodeId }) => nodeId)).toEqual(['a']);
    expect(gone).toEqual([[], ['b']]);
  });

  it('take one for dead that does not beat, and free what it held once, however many of them notice', async () => {
    const [a, c] = [await start('a'), await start('c')];
    const removed = [removals(a), removals(c)];
    const gone = [goings(a), goings(c)];
    await make('b').lease.acquire();
    await Promise.all([a.until('-b'), c.until('-b')]);
    expect(removed.flat()).toEqual(['b']);
    expect(gone.flat()).toEqual(['b']);
    expect(a.nodes.alive()).toEqual(['a', 'c']);
  });

  it('free nothing when what frees fails, and try again', async () => {
    const a = await start('a');
    let attempts = 0;
    a.events.onNodeRemoved(async (manager: EntityManager) => {
      attempts++;
      if (attempts > 1) return;
      await nodeStore.add(manager, { nodeId: 'trace', incarnation: 'of the first attempt', beat: 0 });
      throw new Error('not this time');
    });
    await make('b').lease.acquire();
    await a.until('-b');
    expect([attempts, (await leases()).map(({ nodeId }) => nodeId)]).toEqual([2, ['a']]);
  });

  it('find out that they were taken for dead, give up what they had, and come back as new ones', async () => {
    const [a, b] = [await start('a'), await start('b')];
    await a.until('+b');
    const [lease] = (await leases()).filter(({ nodeId }) => nodeId === 'b');
    await database.transaction((manager) => nodeStore.remove(manager, lease!));
    await b.until('ready', 2);
    expect(b.told.slice(-2)).toEqual(['fenced', 'ready']);
    await a.until('+b', 2);
    expect(a.told.filter((word) => word.endsWith('b'))).toEqual(['+b', '-b', '+b']);
    expect(b.lease.isCertain).toBe(true);
  });

  it('serve nothing from the pause in which they were taken for dead until they are back', async () => {
    const a = await start('a', database, { nodeTimeoutMs: 60_000 });
    const [lease] = await leases();
    await database.transaction((manager) => nodeStore.remove(manager, lease!));
    // As after a pause: its next beat is far off, and it does not know yet.
    a.registry.servesUntil = performance.now();
    const order: string[] = [];
    a.events.onFenced(() => void order.push('fenced'));
    a.events.onReady(() => void order.push('ready'));
    await a.registry.confirm();
    expect(order).toEqual(['fenced', 'ready']);
    expect(a.registry.servesUntil).toBeGreaterThan(performance.now());
  });

  // It failed at times while the registry beat meanwhile: the node had come back, and had a lease again.
  it('store nothing in a name that is not theirs any more', async () => {
    const { lease } = make('a');
    await lease.acquire();
    await database.transaction((manager) => lease.hold(manager));
    const [stored] = await leases();
    await database.transaction((manager) => nodeStore.remove(manager, stored!));
    const held = database.transaction((manager) => lease.hold(manager));
    await expect(held).rejects.toMatchObject({ name: 'ServerError' });
  });

  it('are not removed while they store something: who does waits until it is stored', async () => {
    const { lease } = make('a');
    await lease.acquire();
    const [stored] = await leases();
    const order: string[] = [];
    let removal: Promise<void> | undefined;
    await database.transaction(async (manager) => {
      await lease.hold(manager);
      removal ??= database
        .transaction((other) => nodeStore.removeStopped(other, stored!))
        .then((isRemoved) => void order.push(isRemoved ? 'removed' : 'not removed'));
      await database.read((reader) => nodeStore.now(reader));
      order.push('stored');
    });
    await removal;
    expect(order).toEqual(['stored', 'removed']);
  });

  it('refuse a name that another has who beats', async () => {
    await start('a');
    await expect(make('a').start()).rejects.toThrow('cluster.node_id');
    expect(await leases()).toHaveLength(1);
  });

  it('take over the name of one that died, and free what it held', async () => {
    await make('a').lease.acquire();
    const heir = make('a');
    const removed = removals(heir);
    started.push(heir);
    await heir.start();
    expect([removed, (await leases()).length]).toEqual([['a'], 1]);
  });

  it('stop for good when another process has their name meanwhile', async () => {
    const a = await start('a');
    const [lease] = await leases();
    await database.transaction(async (manager) => {
      await nodeStore.remove(manager, lease!);
      await nodeStore.add(manager, { ...lease!, incarnation: 'another' });
    });
    const beating = setInterval(() => {
      void database.transaction((manager) => nodeStore.raise(manager, { nodeId: 'a', incarnation: 'another' }));
    }, 50);
    await a.until('replaced');
    clearInterval(beating);
    expect([a.lease.isCertain, a.registry.servesUntil]).toEqual([false, Number.NEGATIVE_INFINITY]);
  });

  it('agree on the time of the database, and it goes on', async () => {
    const [a, b] = [await start('a'), await start('b')];
    expect(Math.abs(a.clock.now() - b.clock.now())).toBeLessThan(1000);
    expect(Math.abs(a.clock.now() - (await database.read((manager) => nodeStore.now(manager))))).toBeLessThan(1000);
  });

  it('take nobody for dead while their database is away, and nobody at once when it is back', async () => {
    const link = new Link(database);
    const a = await start('a', link.database);
    await make('b').lease.acquire();
    await a.until('+b');
    link.cut();
    // Longer than the timeout, counted in attempts that failed.
    await link.failures(15);
    const restored = performance.now();
    link.restore();
    await a.until('-b');
    expect(a.told.filter((word) => word === '-b')).toHaveLength(1);
    expect(performance.now() - restored).toBeGreaterThanOrEqual(a.lease.times.deadAfterMs);
    // And nobody has taken it itself for dead, as there was nobody who could.
    expect(a.told).not.toContain('fenced');
  });
});

/** The way of one node to its database. */
class Link {
  readonly database: Database;
  private isCut = false;
  private failed = 0;
  private watcher: () => void = () => {};

  constructor(database: Database) {
    const through = <T>(work: () => Promise<T>): Promise<T> => {
      if (!this.isCut) return work();
      this.failed++;
      this.watcher();
      return Promise.reject(new Error('the database is away'));
    };
    this.database = new Proxy(database, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (key !== 'read' && key !== 'transaction') return value;
        return (...args: unknown[]) =>
          through(() => (value as (...all: unknown[]) => Promise<unknown>).apply(target, args));
      },
    });
  }

  cut(): void {
    this.isCut = true;
  }

  restore(): void {
    this.isCut = false;
  }

  failures(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.watcher = () => {
        if (this.failed >= count) resolve();
      };
      this.watcher();
    });
  }
}
