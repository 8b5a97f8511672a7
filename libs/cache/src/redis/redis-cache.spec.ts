import { MemoryBroker } from '@hubbub/bus';
import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import { type CachesNode, cachesNode, describeCacheContract } from '@hubbub/cache/testing';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RedisCache } from './redis-cache.js';
import { RedisStore } from './redis-store.js';

describeWithBroker('redis', 'RedisCache', () => {
  let redis: BrokerProcess;
  let direct: Redis;
  const nodes: CachesNode[] = [];
  beforeAll(async () => {
    Logger.overrideLogger(false);
    redis = await BrokerProcess.start('redis');
  });
  afterAll(() => redis.remove());

  const shared = async () => ({ store: await new RedisStore(redis.url).opened(), Cache: RedisCache });
  describeCacheContract('of two nodes', shared);

  beforeEach(async () => {
    direct = new Redis(redis.url);
    direct.on('error', () => {});
    await direct.flushall();
  });
  afterEach(() => {
    direct.disconnect();
    for (const node of nodes.splice(0)) node.caches.onApplicationShutdown();
  });

  async function twoNodes() {
    const broker = new MemoryBroker();
    const generation = Math.floor(Math.random() * 2 ** 47);
    for (const id of ['a', 'b']) {
      const node = await cachesNode(id, { broker, alive: ['a', 'b'], cache: { ttlS: 30 }, shared: await shared() });
      node.contact.generation = generation;
      nodes.push(node);
    }
    const [a, b] = nodes as [CachesNode, CachesNode];
    return { a, b, one: a.caches.make<string>('thing'), two: b.caches.make<string>('thing'), generation };
  }
  const never = () => Promise.reject(new Error('the database was asked'));
  const reads = (value: string) => async () => value;
  const kept = async () => {
    const [key] = await direct.keys('hubbub:cache:*:thing:k');
    return key === undefined ? null : { key, text: await direct.get(key), ttlMs: await direct.pttl(key) };
  };

  it('has what another node has read, for cache.ttl_s', async () => {
    const { one, two, b } = await twoNodes();
    await one.get('k', reads('Ünïcode\n"'));
    expect((await two.get('k', never))?.value).toBe('Ünïcode\n"');
    expect(b.metrics.cacheHits.samples()).toEqual([{ labels: { type: 'thing' }, value: 1 }]);
    const found = await kept();
    expect(found?.ttlMs).toBeGreaterThan(20_000);
    expect(found?.ttlMs).toBeLessThanOrEqual(30_000);
  });

  it('removes what was changed before any node has forgotten it', async () => {
    const { one, two } = await twoNodes();
    await one.get('k', reads('old'));
    await two.get('k', never);
    await one.invalidate('k');
    expect(await kept()).toBeNull();
  });

  it('does not take over from Redis what is being changed here', async () => {
    const { one, two } = await twoNodes();
    await one.get('k', reads('old'));
    const done = two.invalidate('k');
    // Redis has not been told yet: the question is on its way.
    expect((await two.get('k', reads('new')))?.value).toBe('new');
    await done;
    expect((await one.get('k', reads('new')))?.value).toBe('new');
  });

  it('leaves a mark of its own where the one it left was removed', async () => {
    const { one, two, generation } = await twoNodes();
    let end = () => {};
    const early = one.get('k', () => new Promise((resolve) => (end = () => resolve('old'))));
    while ((await kept()) === null) await new Promise(setImmediate);
    await two.invalidate('k');
    await two.get('k', reads('new'));
    end();
    await early;
    expect((await kept())?.text).toBe(`v${generation} "new"`);
  });

  it('asks the database, and answers, while Redis is away or does not answer; and has Redis again afterwards', async () => {
    const { one, two, a } = await twoNodes();
    await one.get('k', reads('old'));
    await redis.stop();
    expect((await two.get('k', reads('from the database')))?.value).toBe('from the database');
    await one.invalidate('k');
    expect(a.contact.renounced).toBe(1);
    await redis.start();
    while ((await two.get('again', reads('x'))) && !(await direct.keys('*:again').catch(() => [])).length) {
      two.forget('again');
    }
    expect((await one.get('again', async () => 'y'))?.value).toMatch(/[xy]/);
    redis.pause();
    try {
      expect((await two.get('paused', reads('from the database')))?.value).toBe('from the database');
      await two.invalidate('paused');
      expect(nodes[1]?.contact.renounced).toBe(1);
    } finally {
      redis.resume();
    }
  });

  it('does not believe what Redis brings back from a snapshot', async () => {
    const { one, two, generation } = await twoNodes();
    await one.get('k', reads('old'));
    await direct.save();
    await one.invalidate('k');
    await redis.stop();
    await redis.start();
    while (!(await kept().catch(() => null))) await new Promise(setImmediate);
    expect((await kept())?.text).toBe(`v${generation} "old"`);
    while ((await two.get('again', reads('x'))) && !(await direct.keys('*:again')).length) two.forget('again');
    expect((await two.get('k', reads('new')))?.value).toBe('new');
  });

  it('starts without Redis', async () => {
    await redis.stop();
    const { one } = await twoNodes();
    expect((await one.get('k', reads('old')))?.value).toBe('old');
    await redis.start();
  });
});
