import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { HubbubConfig } from '@hubbub/config';
import { eventSubject } from '@hubbub/protocol';
import type { OpenDatabase } from '@hubbub/storage/testing';
import type { MessageStore } from '../message-store.js';
import { type NewFact, Outbox, type WaitingFact, type WaitingMessage } from '../outbox.js';
import { RetentionStore } from '../retention-store.js';
import { contents, post, upTo } from './entries.js';
import { StoresUnderTest } from './stores-under-test.js';

const on = HubbubConfig.from({
  bus: { type: 'nats', url: 'nats://127.0.0.1', jetstream: true },
  auth: { secret: randomBytes(32).toString('hex') },
});
const off = HubbubConfig.from({});

const fact = (messageId: string, over: Partial<NewFact> = {}): NewFact => ({
  subject: eventSubject('room', 'a', 'room_updated'),
  payload: '{"b": 1.0, "a":"\\u0000\u{1f600}"}',
  messageId,
  createdAt: 500,
  ...over,
});

const seqOf = (row: WaitingFact | WaitingMessage): unknown => ('message' in row ? row.message?.seq : row.messageId);

/** What the outbox keeps on every database. */
export function describeOutboxContract(name: string, open: OpenDatabase): void {
  describe(`the outbox on ${name}`, () => {
    const under = new StoresUnderTest(open, { outbox: true });
    let store: MessageStore;
    let outbox: Outbox;
    beforeEach(() => {
      ({ store } = under);
      outbox = new Outbox(under.database, on);
    });

    it('holds every stored message with its contents, in the order of seq, and no repeat of one', async () => {
      await under.createRoom('a');
      await under.createRoom('b');
      await store.append(
        [post('a', 1, { idempotencyKey: 'k' }), post('b', 'x'), post('a', 2), post('nowhere', 3)],
        1000,
      );
      await store.append([post('a', 'again', { idempotencyKey: 'k' })], 2000);
      const rows = await outbox.read(10);
      expect(rows).toMatchObject([
        { roomId: 'a', messageId: 'epoch of a:1', createdAt: 1000 },
        { roomId: 'b', messageId: 'epoch of b:1' },
        { roomId: 'a', messageId: 'epoch of a:2' },
      ]);
      expect(rows.map((row) => 'message' in row && row.message)).toEqual(
        [await store.read('a', { limit: 10 }), await store.read('b', { limit: 10 })]
          .flatMap((range) => range?.messages ?? [])
          .sort((x, y) => x.seq - y.seq || (x.roomId < y.roomId ? -1 : 1)),
      );
    });

    it('gives the oldest first, as many as asked for, and forgets what is removed', async () => {
      await under.createRoom('a');
      await store.append(
        [1, 2, 3, 4].map((n) => post('a', n)),
        1000,
      );
      const first = await outbox.read(2);
      expect(first.map(seqOf)).toEqual([1, 2]);
      expect((await outbox.read(2, first[1]?.id)).map(seqOf)).toEqual([3, 4]);
      await outbox.remove(first.map(({ id }) => id));
      await outbox.remove([]);
      expect((await outbox.read(10)).map(seqOf)).toEqual([3, 4]);
    });

    it('tells what was redacted meanwhile as redacted, and knows the room of what was deleted meanwhile', async () => {
      await under.createRoom('a');
      await store.append([post('a', 'secret')], 1000);
      await under.redact('a', 1);
      await under.database.transaction((manager) => store.detach(manager, 'a'));
      expect(await outbox.read(10)).toMatchObject([
        { roomId: 'a', messageId: 'epoch of a:1', message: { roomId: 'a', contentJson: 'null', redacted: true } },
      ]);
    });

    it('keeps a fact to the character, among the messages of its room', async () => {
      await under.createRoom('a');
      await store.append([post('a', 1)], 1000);
      const put = fact('f1', { roomId: 'a' });
      await under.database.transaction((manager) => outbox.put(manager, put));
      await store.append([post('a', 2)], 1000);
      const rows = await outbox.read(10);
      expect(rows.map(seqOf)).toEqual([1, 'f1', 2]);
      expect(rows[1]).toEqual({ ...put, id: expect.any(Number) });
      await under.database.transaction((manager) => outbox.put(manager, fact('f2')));
      expect((await outbox.read(10)).at(-1)).toEqual({ ...fact('f2'), roomId: null, id: expect.any(Number) });
    });

    it('leaves nothing of a fact whose transaction fails', async () => {
      await under.createRoom('a');
      const failing = under.database.transaction(async (manager) => {
        await outbox.put(manager, fact('f1', { roomId: 'a' }));
        throw new Error('changed my mind');
      });
      await expect(failing).rejects.toThrow('changed my mind');
      expect(await outbox.read(10)).toEqual([]);
    });

    it('keeps retention from messages that have not left', async () => {
      await under.createRoom('a');
      await store.append(
        [1, 2, 3, 4].map((n) => post('a', n)),
        1000,
      );
      const retention = new RetentionStore(under.database, outbox);
      const logId = (await retention.logs(0)).logs[0]?.id ?? 0;
      const remaining = async () =>
        contents((await outbox.read(10)).flatMap((row) => ('message' in row && row.message) || []));
      expect(await retention.prune(logId, { maxMessages: 1 })).toEqual({ floor: 0, more: false });
      await outbox.remove((await outbox.read(2)).map(({ id }) => id));
      expect(await retention.prune(logId, { maxMessages: 1 })).toEqual({ floor: 2, more: false });
      expect(await remaining()).toEqual([3, 4]);
      await under.removeRoom('a');
      expect(await retention.detached()).toEqual([]);
      expect(await remaining()).toEqual([3, 4]);
      await outbox.remove((await outbox.read(2)).map(({ id }) => id));
      expect(await retention.detached()).toMatchObject([{ id: logId }]);
    });

    it('tells of a message that was deleted while the outbox was off, so that it can be removed', async () => {
      await under.createRoom('a');
      await store.append([post('a', 1), post('a', 2)], 1000);
      const retention = new RetentionStore(under.database, new Outbox(under.database, off));
      await retention.prune((await retention.logs(0)).logs[0]?.id ?? 0, { maxMessages: 1 });
      expect(await outbox.read(10)).toMatchObject([{ message: null }, { message: { seq: 2 } }]);
    });

    it('takes nothing while it is not enabled', async () => {
      await under.database.transaction((manager) => new Outbox(under.database, off).put(manager, fact('f1')));
      expect(await outbox.read(10)).toEqual([]);
    });

    it('has the ids of a room in the order of its commits, whichever nodes write', async () => {
      const rooms = ['a', 'b', 'c'];
      for (const room of rooms) await under.createRoom(room);
      const nodes = [store, under.other];
      const read = new Map<string, unknown[]>(rooms.map((room) => [room, []]));
      const seen = new Set<number>();
      // A reader who looks all the time: what he has seen of a room, nothing may come before of later.
      const look = async (): Promise<void> => {
        for (const row of await outbox.read(1000)) {
          if (seen.has(row.id)) continue;
          seen.add(row.id);
          read.get(row.roomId ?? '')?.push(seqOf(row));
        }
      };
      const writers = { busy: true };
      const reader = (async () => {
        while (writers.busy) await look().then(nextTurn);
      })();
      await Promise.all(
        nodes.flatMap((node, at) => [
          (async () => {
            for (let n = 0; n < 20; n++)
              await node.append(
                rooms.map((room) => post(room, n)),
                1000,
              );
          })(),
          (async () => {
            for (let n = 0; n < 10; n++) {
              await (at === 0 ? under.database : under.otherDatabase).transaction((manager) =>
                outbox.put(manager, fact(`${at}-${n}`, { roomId: rooms[n % 3] as string })),
              );
            }
          })(),
        ]),
      );
      writers.busy = false;
      await reader;
      await look();
      const stored = (await outbox.read(1000)).filter((row) => row.roomId !== null);
      expect(stored).toHaveLength(2 * 20 * 3 + 20);
      for (const room of rooms) {
        const facts = stored.filter(({ roomId }) => roomId === room).map(seqOf);
        expect(read.get(room)).toEqual(facts);
        expect(facts.filter((seq) => typeof seq === 'number')).toEqual(upTo(40));
      }
    });
  });
}
