import { HubbubError } from '@hubbub/protocol';
import type { OpenDatabase } from '@hubbub/storage/testing';
import { IDEMPOTENCY_KEPT_MS, type MessageStore, type NewEntry, type Outcome } from '../message-store.js';
import { contents, direct, numbers, post, stored, upTo, wholeRoom } from './entries.js';
import { StoresUnderTest } from './stores-under-test.js';

const ROOMS = ['a', 'b', 'c', 'd', 'e'];

/** What holds while two nodes write to the same logs at once. */
export function describeMessageStoreNodes(name: string, open: OpenDatabase): void {
  describe(`${name} as the MessageStore of two nodes`, () => {
    const under = new StoresUnderTest(open);
    let nodes: readonly [MessageStore, MessageStore];
    beforeEach(async () => {
      nodes = [under.store, under.other];
      for (const room of ROOMS) await under.createRoom(room);
    });

    /** Each node stores its batches, one after another, as fast as it can. */
    const race = (count: number, batch: (node: number, round: number) => readonly NewEntry[], now = 1000) =>
      Promise.all(
        nodes.map(async (store, node) => {
          const outcomes: (readonly Outcome[])[] = [];
          for (let round = 0; round < count; round++) outcomes.push(await store.append(batch(node, round), now));
          return outcomes;
        }),
      );

    it('numbers each room without a gap or a repeat, and keeps the order of each node', async () => {
      // Each node names the rooms in another order, so that locks taken in that order would wait crosswise.
      const inOrderOf = (node: number): string[] => (node === 0 ? ROOMS : ROOMS.toReversed());
      const batch = (node: number, round: number) =>
        upTo(4).flatMap((n) => inOrderOf(node).map((room) => post(room, { node, at: round * 4 + n })));
      const outcomes = await race(25, batch);
      const given = outcomes.flat(2).map((outcome) => stored(outcome).seq);
      expect(given.sort((x, y) => x - y)).toEqual(upTo(200).flatMap((seq) => ROOMS.map(() => seq)));
      for (const room of ROOMS) {
        const all = contents(await wholeRoom(under.store, room)) as { node: number; at: number }[];
        for (const node of [0, 1]) {
          expect(all.filter((content) => content.node === node).map(({ at }) => at)).toEqual(upTo(100));
        }
      }
    });

    it('stores a key once that is used at both at once, and tells both the same', async () => {
      const keys = upTo(8).map((n) => `k${n}`);
      const batch = (node: number, round: number) =>
        (node === 0 ? keys : keys.toReversed()).flatMap((key) => [
          post('a', { node }, { idempotencyKey: `${key} ${round}` }),
          direct('bob', { node }, { idempotencyKey: `${key} ${round}` }),
          post('b', { node }),
        ]);
      const [own, other] = await race(20, batch);
      const byKey = (outcomes: readonly Outcome[]): Outcome[][] =>
        keys.map((_, at) => outcomes.slice(at * 3, at * 3 + 2));
      for (const round of upTo(20).map((n) => n - 1)) {
        const mine = byKey(own?.[round] ?? []);
        const theirs = byKey(other?.[round] ?? []).toReversed();
        for (const [at] of keys.entries()) {
          for (const kind of [0, 1]) {
            const [one, two] = [stored(mine[at]?.[kind]), stored(theirs[at]?.[kind])];
            expect([one.duplicate, two.duplicate].sort()).toEqual([false, true]);
            expect(two.seq).toBe(one.seq);
          }
        }
      }
      expect(await wholeRoom(under.store, 'a')).toHaveLength(160);
      expect(await wholeRoom(under.store, 'b')).toHaveLength(320);
      expect((await under.store.inboxHeads(['ann', 'bob'])).get('bob')).toBe(160);
    });

    it('stores a key once that both use at once after it was forgotten', async () => {
      const batch = (): NewEntry[] => upTo(20).map((n) => post('a', n, { idempotencyKey: `k${n}` }));
      await under.store.append(batch(), 1000);
      const outcomes = await race(2, batch, 1000 + IDEMPOTENCY_KEPT_MS);
      expect(outcomes.flat(2).filter((outcome) => !stored(outcome).duplicate)).toHaveLength(20);
      for (const round of outcomes.flat())
        expect([...numbers(round)].sort((x, y) => x - y)).toEqual(upTo(40).slice(20));
      expect(await wholeRoom(under.store, 'a')).toHaveLength(40);
    });

    it('writes direct messages that go opposite ways at once, among room messages', async () => {
      const users = upTo(6).map((n) => `user${n}`);
      const pairs = users.flatMap((from) => users.filter((to) => to !== from).map((to) => [from, to] as const));
      const batch = (node: number, round: number): NewEntry[] =>
        (node === 0 ? pairs : pairs.toReversed()).flatMap(([senderId, targetId], at) => [
          direct(targetId, { node, round, at }, { senderId, senderName: senderId }),
          ...(at % 6 === 0 ? [post(ROOMS[(at / 6) % 5] as string, { node })] : []),
        ]);
      await race(30, batch);
      for (const user of users) {
        const { seq, messages } = await under.store.readInbox(user, { limit: 10_000 });
        // Two nodes, 30 rounds, five others, to and fro.
        expect(seq).toBe(2 * 30 * 5 * 2);
        expect(messages.map((message) => message.seq)).toEqual(upTo(seq));
        for (const node of [0, 1]) {
          const rounds = (contents(messages) as { node: number; round: number }[]).filter((each) => each.node === node);
          expect(rounds.map(({ round }) => round)).toEqual(upTo(30).flatMap((n) => upTo(10).map(() => n - 1)));
        }
      }
      for (const room of ROOMS) expect(await wholeRoom(under.store, room)).toHaveLength(60);
    });

    it('makes an inbox once that both write to for the first time', async () => {
      await race(20, (node, round) => [
        direct(`new${round}`, node, { senderId: `fresh${round}` }),
        direct(`fresh${round}`, node, { senderId: `new${round}` }),
      ]);
      const heads = await under.store.inboxHeads(upTo(20).map((n) => `new${n - 1}`));
      expect([...heads.values()]).toEqual(upTo(20).map(() => 4));
    });

    it('refuses what comes after the room was deleted, at every node, and loses nothing from before', async () => {
      let removed: Promise<void> | undefined;
      const outcomes = await race(20, (node, round) => {
        if (node === 0 && round === 8) removed = under.removeRoom('a').then(() => under.createRoom('a', 'second'));
        return [post('a', { node, round }), post('b', { node, round }), post('a', { node, round })];
      });
      await removed;
      const ofA = outcomes.flat().flatMap((batch) => [batch[0], batch[2]]);
      const seqs = new Map<string, number[]>();
      for (const outcome of ofA) {
        if (outcome instanceof HubbubError) expect(outcome.name).toBe('RoomNotFound');
        else seqs.set(outcome?.epoch ?? '', [...(seqs.get(outcome?.epoch ?? '') ?? []), outcome?.seq ?? 0]);
      }
      for (const given of seqs.values()) expect(given.sort((x, y) => x - y)).toEqual(upTo(given.length));
      expect(seqs.has('epoch of a')).toBe(true);
      expect(await wholeRoom(under.store, 'a')).toHaveLength(seqs.get('second')?.length ?? 0);
      expect(await wholeRoom(under.store, 'b')).toHaveLength(40);
    });
  });
}
