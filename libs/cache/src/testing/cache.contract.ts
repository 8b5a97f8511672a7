import { MemoryBroker } from '@hubbub/bus';
import { Logger } from '@nestjs/common';
import type { Cache } from '../cache.js';
import type { SharedCaches } from '../caches.js';
import { type CachesNode, cachesNode } from './caches-node.js';

/** What the nodes share beside their bus: for each its own connection to it, or null. To be closed with the caches. */
export type MakeShared = () => Promise<SharedCaches | null>;

/** What a cache of two nodes promises, wherever it is kept. */
export function describeCacheContract(name: string, makeShared: MakeShared): void {
  describe(name, () => {
    let [nodeA, nodeB]: CachesNode[] = [];
    let a: Cache<string>;
    let b: Cache<string>;
    /** The database, and how often it was asked. */
    let stored: Map<string, string>;
    let reads: number;
    const node = (one: CachesNode | undefined) => one as CachesNode;

    beforeAll(() => Logger.overrideLogger(false));
    beforeEach(async () => {
      const broker = new MemoryBroker();
      const cache = { maxEntries: 3, ttlS: 60 };
      const make = async (id: string) =>
        cachesNode(id, { broker, cache, alive: ['a', 'b'], shared: await makeShared() });
      [nodeA, nodeB] = [await make('a'), await make('b')];
      // Its own at each test: what an earlier one left in the shared part is not to be found.
      const generation = Math.floor(Math.random() * 2 ** 47);
      for (const { contact } of [nodeA, nodeB]) contact.generation = generation;
      a = nodeA.caches.make('thing');
      b = nodeB.caches.make('thing');
      stored = new Map([['k', 'old']]);
      reads = 0;
    });
    afterEach(() => {
      jest.restoreAllMocks();
      for (const one of [nodeA, nodeB]) one?.caches.onApplicationShutdown();
    });

    const load = (key: string) => async () => {
      reads++;
      return stored.get(key) ?? null;
    };
    const read = async (cache: Cache<string>, key = 'k') => (await cache.get(key, load(key)))?.value;
    /** Begins to load, and has read what is stored now; `end` lets it go on. */
    const readEarly = async (cache: Cache<string>) => {
      let end = () => {};
      const released = new Promise<void>((resolve) => (end = resolve));
      let result: Promise<string | undefined> | undefined;
      await new Promise<void>((hasRead) => {
        result = cache
          .get('k', async () => {
            const before = await load('k')();
            hasRead();
            await released;
            return before;
          })
          .then((found) => found?.value);
      });
      return { result: result as Promise<string | undefined>, end };
    };
    const change = async (by: Cache<string>) => {
      stored.set('k', 'new');
      await by.invalidate('k');
    };
    const metric = async ({ metrics }: CachesNode, which: 'cacheHits' | 'cacheMisses') =>
      metrics[which].samples().find(({ labels }) => labels['type'] === 'thing')?.value ?? 0;

    it('asks the database once, and counts how often it did', async () => {
      expect(a.peek('k')).toBeUndefined();
      expect([await read(a), await read(a), a.peek('k')?.value, reads]).toEqual(['old', 'old', 'old', 1]);
      expect([await metric(node(nodeA), 'cacheHits'), await metric(node(nodeA), 'cacheMisses')]).toEqual([2, 1]);
    });

    it('asks once for all who ask at the same time', async () => {
      const first = await readEarly(a);
      const others = [read(a), read(a)];
      first.end();
      expect([await first.result, ...(await Promise.all(others)), reads]).toEqual(['old', 'old', 'old', 1]);
    });

    it('remembers nothing of what does not exist, also for those who ask while it is looked for', async () => {
      stored.delete('k');
      const early = await readEarly(a);
      stored.set('k', 'made');
      const late = read(a);
      early.end();
      expect([await early.result, await late, await read(b)]).toEqual([undefined, 'made', 'made']);
    });

    it('passes on that the database is away, and asks again the next time', async () => {
      await expect(a.get('k', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
      expect(await read(a)).toBe('old');
    });

    it('has so many in memory at most', async () => {
      const keys = Array.from({ length: 20 }, (_, n) => `${n}`);
      for (const key of keys) {
        stored.set(key, key);
        await read(a, key);
      }
      const known = keys.filter((key) => a.peek(key) !== undefined);
      expect([known.length <= 3, known.at(-1)]).toEqual([true, '19']);
    });

    it('relies on its memory for cache.ttl_s from when it began to read', async () => {
      await read(a);
      const now = performance.now();
      const clock = jest.spyOn(performance, 'now').mockReturnValue(now + 59_000);
      expect(a.peek('k')?.value).toBe('old');
      clock.mockReturnValue(now + 60_000);
      expect(a.peek('k')).toBeUndefined();
    });

    it('is up to date at every node when a change has been acknowledged', async () => {
      await Promise.all([read(a), read(b)]);
      await change(a);
      expect([await read(b), await read(a)]).toEqual(['new', 'new']);
      expect([node(nodeA).contact.renounced, node(nodeB).contact.renounced]).toEqual([0, 0]);
    });

    it.each(['at the node that changes it', 'at another node'])(
      'does not keep what was read before a change, %s',
      async (where) => {
        const reader = where.includes('another') ? b : a;
        const early = await readEarly(reader);
        await change(a);
        // Whoever asks after the change does not get what was read before it.
        expect(await read(reader)).toBe('new');
        early.end();
        expect(await early.result).toBe('old');
        expect([await read(reader), await read(a), await read(b)]).toEqual(['new', 'new', 'new']);
      },
    );

    it('says of what it has given whether it was changed since', async () => {
      await read(a);
      const known = a.peek('k');
      const other = await a.get('k', load('k'));
      expect([known?.isCurrent, other?.isCurrent]).toEqual([true, true]);
      a.forget('k');
      expect([known?.isCurrent, other?.isCurrent, a.peek('k')]).toEqual([false, false, undefined]);
    });

    it('forgets in the turn in which the change is known, and everything if need be', async () => {
      await read(a);
      const done = a.invalidate('k');
      expect(a.peek('k')).toBeUndefined();
      await done;
      await read(a);
      a.clear();
      expect(a.peek('k')).toBeUndefined();
    });

    it.each([
      ['the bus is away', (one: CachesNode) => one.bus.partition()],
      ['the bus loses everything', (one: CachesNode) => one.bus.loseEverything()],
      ['it does not know who else there is', (one: CachesNode) => (one.contact.until = 0)],
    ])('has everybody renounce what he remembers where %s', async (_, harm) => {
      await read(b);
      harm(node(nodeA));
      await change(a);
      expect(node(nodeA).contact.renounced).toBe(1);
      // What the other node does when it hears of it.
      (node(nodeB).contact.generation as number)++;
      expect([b.peek('k'), await read(b)]).toEqual([undefined, 'new']);
    });

    it('asks the database itself while it is not sure of the generation, and relies on nothing of that time', async () => {
      const { contact } = node(nodeA);
      await read(a);
      contact.until = performance.now();
      stored.set('k', 'new');
      expect([await read(a), await read(a), reads]).toEqual(['new', 'new', 3]);
      const { generation } = contact;
      contact.until = Number.POSITIVE_INFINITY;
      contact.generation = null;
      expect([await read(a), await read(a), reads]).toEqual(['new', 'new', 5]);
      contact.generation = (generation as number) + 1;
      expect([a.peek('k'), await read(a), reads]).toEqual([undefined, 'new', 6]);
    });

    it.each([
      ['an earlier generation', (generation: number) => generation - 1],
      ['a later generation', (generation: number) => generation + 1],
      ['no generation yet', () => null],
    ])('is up to date at a node when a change was acknowledged by one with %s', async (_, other) => {
      await read(b);
      const { contact } = node(nodeA);
      contact.generation = other(contact.generation as number);
      await change(a);
      expect([await read(b), await read(a), contact.renounced]).toEqual(['new', 'new', 0]);
    });

    it('is current to nobody who found it before another generation began', async () => {
      const early = await readEarly(a);
      const found = a.get('k', load('k'));
      (node(nodeA).contact.generation as number)++;
      early.end();
      expect((await found)?.isCurrent).toBe(false);
      expect(a.peek('k')).toBeUndefined();
    });

    it('tells the other node however much the bus loses, doubles and delays', async () => {
      for (const { bus } of [node(nodeA), node(nodeB)]) bus.faults = { lose: 0.2, double: 0.2, delay: 0.3 };
      for (let round = 0; round < 5; round++) {
        await read(b);
        stored.set('k', `${round}`);
        await a.invalidate('k');
        if (node(nodeA).contact.renounced > 0) return;
        expect(await read(b)).toBe(`${round}`);
      }
    });
  });
}
