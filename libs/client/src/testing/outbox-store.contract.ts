import type { KeptMessage, OutboxStore } from '../outbox-store.js';

/** Where stores of several runs, or of several tabs, stand. */
export interface Ground {
  /** A store of its own on this ground. Those before it were not told of its coming. */
  open(): OutboxStore;
  end?(): Promise<void>;
}

export interface OutboxStoreTraits {
  /** Several may be alive on one ground, and none takes what another has. */
  readonly isShared: boolean;
}

const nothing = () => {};

let orders = 0;
export function keptMessage(key: string, more: Partial<KeptMessage> = {}): KeptMessage {
  const order = ++orders;
  return {
    key,
    userId: 'alice',
    type: 'room_message',
    target: 'lobby',
    content: key,
    createdAt: order,
    order,
    ...more,
  };
}

/** What any store of an outbox does. */
export function describeOutboxStore(name: string, makeGround: () => Promise<Ground>, traits: OutboxStoreTraits): void {
  describe(`${name} as the store of an outbox`, () => {
    let ground: Ground;
    const stores: OutboxStore[] = [];
    const open = () => {
      const store = ground.open();
      stores.push(store);
      return store;
    };
    /** What a later run finds, once this one has ended. */
    const left = async (store: OutboxStore, userId = 'alice') => {
      await store.close();
      return open().take(userId, nothing);
    };

    beforeEach(async () => {
      ground = await makeGround();
    });
    afterEach(async () => {
      for (const store of stores.splice(0)) await store.close();
      await ground.end?.();
    });

    it('gives a later run what was kept, in the order of sending', async () => {
      const store = open();
      expect(await store.take('alice', nothing)).toEqual([]);
      const [a, b, c] = ['a', 'b', 'c'].map((key) => keptMessage(key));
      await store.write([c, a] as KeptMessage[], []);
      await store.write([b] as KeptMessage[], []);
      expect(await left(store)).toEqual([a, b, c]);
    });

    it('forgets what is done, and nothing else', async () => {
      const store = open();
      const [a, b, c] = [keptMessage('a'), keptMessage('b'), keptMessage('c')];
      await store.write([a, b], []);
      await store.write([c], [a]);
      await store.write([], [a, c, keptMessage('never kept')]);
      expect(await left(store)).toEqual([b]);
    });

    it('keeps the latest word on a message', async () => {
      const store = open();
      const message = keptMessage('a');
      const error = { name: 'Forbidden', code: 2001, message: 'no', retryable: false, details: { a: [1] } } as const;
      await store.write([message], []);
      await store.write([{ ...message, sentAt: 5 }], []);
      await store.write([{ ...message, sentAt: 5, error }], []);
      expect(await left(store)).toEqual([{ ...message, sentAt: 5, error }]);
    });

    it('keeps content as it is, and tells one key for several targets apart', async () => {
      const store = open();
      const contents = [null, 0, '', 'é\n\u2028"\\\u{1f600}', [[]], { 'a.b': { c: [1, null] } }, 'x'.repeat(60_000)];
      const messages = contents.map((content, n) => keptMessage('same', { content, target: `room-${n}` }));
      const direct = keptMessage('same', { type: 'direct_message', target: 'room-0' });
      await store.write([...messages, direct], []);
      expect(await left(store)).toEqual([...messages, direct]);
    });

    it('gives nobody what is another user’s', async () => {
      const store = open();
      const [hers, his] = [keptMessage('a'), keptMessage('a', { userId: 'bob' })];
      await store.write([hers, his], []);
      await store.close();
      const next = open();
      expect(await next.take('bob', nothing)).toEqual([his]);
      await next.write([], [his]);
      expect(await next.take('alice', nothing)).toEqual([hers]);
      expect(await left(next, 'bob')).toEqual([]);
    });

    it('gives everything once', async () => {
      const store = open();
      await store.write([keptMessage('a')], []);
      await store.close();
      const next = open();
      expect(await next.take('alice', nothing)).toHaveLength(1);
      await next.write([keptMessage('b')], []);
      expect(await next.take('alice', nothing)).toEqual([]);
    });

    it('goes on after it has let go', async () => {
      const store = open();
      const [a, b] = [keptMessage('a'), keptMessage('b')];
      await store.write([a], []);
      await store.close();
      await store.close();
      await store.write([b], []);
      expect(await left(store)).toEqual([a, b]);
    });

    it('gives again what it has let go of', async () => {
      const store = open();
      const [a, b] = [keptMessage('a'), keptMessage('b')];
      await store.write([a, b], []);
      await store.write([], [b]);
      await store.close();
      expect(await store.take('alice', nothing)).toEqual([a]);
      expect(await store.take('alice', nothing)).toEqual([]);
    });

    it('has room for thousands', async () => {
      const store = open();
      const messages = Array.from({ length: 2000 }, (_, n) => keptMessage(`k${n}`));
      await store.write(messages, []);
      const found = await left(store);
      expect(found.map(({ key }) => key)).toEqual(messages.map(({ key }) => key));
    });

    if (!traits.isShared) return;
    describe('beside others', () => {
      it('takes nothing of one that is alive, and all of it once that is gone', async () => {
        const [mine, other] = [open(), open()];
        const [a, b] = [keptMessage('a'), keptMessage('b')];
        await other.write([a], []);
        let mayBeMore: () => void = nothing;
        const told = new Promise<void>((resolve) => (mayBeMore = resolve));
        expect(await mine.take('alice', mayBeMore)).toEqual([]);
        await other.write([b], []);
        await other.close();
        await told;
        expect(await mine.take('alice', nothing)).toEqual([a, b]);
        expect(await left(mine)).toEqual([a, b]);
      });

      it('shares what is left between those who come, each to one of them', async () => {
        const gone = [open(), open(), open()];
        for (const [n, store] of gone.entries()) await store.write([keptMessage(`k${n}`)], []);
        await Promise.all(gone.map((store) => store.close()));
        const taken = await Promise.all([open(), open(), open()].map((store) => store.take('alice', nothing)));
        expect(
          taken
            .flat()
            .map(({ key }) => key)
            .sort(),
        ).toEqual(['k0', 'k1', 'k2']);
      });
    });
  });
}
