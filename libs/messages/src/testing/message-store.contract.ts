import { HubbubError } from '@hubbub/protocol';
import type { Database } from '@hubbub/storage';
import { Blocks } from '../blocks.js';
import { IDEMPOTENCY_KEPT_MS, type MessageStore, type Outcome } from '../message-store.js';
import type { DirectAppended, NewDirectMessage, NewRoomMessage } from '../messages.js';

export interface MessageStoreUnderTest {
  readonly store: MessageStore;
  /** An empty database with the entities and migrations of this library. */
  readonly database: Database;
  /** Another store on the same database, as another node has it. */
  readonly another: () => MessageStore;
  readonly close: () => Promise<void>;
}

const post = (roomId: string, content: unknown, over: Partial<NewRoomMessage> = {}): NewRoomMessage => ({
  roomId,
  senderId: 'ann',
  senderName: 'Ann',
  contentJson: JSON.stringify(content),
  ...over,
});

const direct = (targetId: string, content: unknown, over: Partial<NewDirectMessage> = {}): NewDirectMessage => ({
  senderId: 'ann',
  senderName: 'Ann',
  targetId,
  contentJson: JSON.stringify(content),
  ...over,
});

function stored(outcome: Outcome | undefined): DirectAppended {
  if (outcome === undefined || outcome instanceof HubbubError) throw new Error('not stored', { cause: outcome });
  return { targetSeq: null, ...outcome };
}

const numbers = (outcomes: readonly Outcome[]): number[] => outcomes.map((outcome) => stored(outcome).seq);
const contents = (messages: readonly { contentJson: string }[]): unknown[] =>
  messages.map(({ contentJson }) => JSON.parse(contentJson));

/** What every implementation of MessageStore keeps. */
export function describeMessageStoreContract(name: string, make: () => Promise<MessageStoreUnderTest>): void {
  describe(`${name} as a MessageStore`, () => {
    let under: MessageStoreUnderTest;
    let store: MessageStore;

    const createRoom = (roomId: string, epoch = `epoch of ${roomId}`): Promise<void> =>
      under.database.transaction((manager) => store.create(manager, roomId, epoch));
    const removeRoom = (roomId: string): Promise<void> =>
      under.database.transaction((manager) => store.detach(manager, roomId));

    beforeEach(async () => {
      under = await make();
      ({ store } = under);
    });
    afterEach(() => under.close());

    describe('rooms', () => {
      it('numbers each room from 1 without a gap, in the order of the batch', async () => {
        await createRoom('a');
        await createRoom('b');
        const first = await store.append([post('a', 1), post('b', 1), post('a', 2)], 1000);
        const second = await store.append([post('b', 2), post('a', 3)], 2000);
        expect(numbers(first)).toEqual([1, 1, 2]);
        expect(numbers(second)).toEqual([2, 3]);
        expect(stored(second[1])).toMatchObject({ epoch: 'epoch of a', timestamp: 2000, duplicate: false });
        expect(await store.head('a')).toEqual({ epoch: 'epoch of a', seq: 3, floor: 0 });
      });

      it('keeps every character of what was sent', async () => {
        await createRoom('a');
        const contentJson = '{"b": 1.0, "a":18446744073709551617, "b":"\\u0041\u00e9\u{1f600}"}';
        const senderName = 'Ann "the\u{1f600}" O\'Neil';
        await store.append([post('a', null, { contentJson, senderId: 'Ännä', senderName })], 1234);
        expect((await store.read('a', { limit: 10 }))?.messages).toEqual([
          {
            roomId: 'a',
            epoch: 'epoch of a',
            seq: 1,
            senderId: 'Ännä',
            senderName,
            contentJson,
            timestamp: 1234,
            redacted: false,
          },
        ]);
      });

      it('refuses a message to an unknown room alone', async () => {
        await createRoom('a');
        const outcomes = await store.append([post('a', 1), post('nowhere', 1), post('a', 2)], 1000);
        expect(outcomes[1]).toMatchObject({ name: 'RoomNotFound' });
        expect(numbers([outcomes[0] as Outcome, outcomes[2] as Outcome])).toEqual([1, 2]);
      });

      it('tells ids apart byte for byte', async () => {
        await createRoom('Room');
        await createRoom('room');
        await store.append([post('Room', 1), post('Room', 2), post('room', 1)], 1000);
        expect(await store.head('room')).toMatchObject({ seq: 1 });
        expect(await store.head('ROOM')).toBeNull();
      });

      it('reads the oldest or the newest of a range, oldest first', async () => {
        await createRoom('a');
        await store.append(
          [1, 2, 3, 4, 5, 6].map((n) => post('a', n)),
          1000,
        );
        const read = async (range: Parameters<MessageStore['read']>[1]) =>
          contents((await store.read('a', range))?.messages ?? []);
        expect(await read({ limit: 2 })).toEqual([1, 2]);
        expect(await read({ limit: 2, newest: true })).toEqual([5, 6]);
        expect(await read({ after: 2, limit: 2 })).toEqual([3, 4]);
        expect(await read({ before: 5, limit: 2, newest: true })).toEqual([3, 4]);
        expect(await read({ after: 2, before: 5, limit: 10 })).toEqual([3, 4]);
        expect(await read({ after: 6, limit: 10 })).toEqual([]);
        expect(await store.read('nowhere', { limit: 1 })).toBeNull();
      });

      it('erases the content of a redacted message and keeps its number', async () => {
        await createRoom('a');
        await store.append([post('a', 'secret'), post('a', 'open')], 1000);
        expect(await store.redact('a', 1)).toBe(true);
        expect(await store.redact('a', 3)).toBe(false);
        expect(await store.redact('nowhere', 1)).toBe(false);
        const range = await store.read('a', { limit: 10 });
        expect(range?.messages).toMatchObject([
          { seq: 1, contentJson: 'null', redacted: true },
          { seq: 2, contentJson: '"open"', redacted: false },
        ]);
      });

      it('counts from 1 again in a room that was removed and made again, and shows nothing of the old one', async () => {
        await createRoom('a', 'first');
        await store.append([post('a', 'old', { idempotencyKey: 'k' })], 1000);
        await removeRoom('a');
        expect((await store.append([post('a', 'lost')], 1000))[0]).toMatchObject({ name: 'RoomNotFound' });
        await createRoom('a', 'second');
        const again = await store.append([post('a', 'new', { idempotencyKey: 'k' })], 2000);
        expect(stored(again[0])).toMatchObject({ seq: 1, epoch: 'second', duplicate: false });
        expect(contents((await store.read('a', { limit: 10 }))?.messages ?? [])).toEqual(['new']);
      });

      it('numbers without a gap or a repeat when two nodes append at once', async () => {
        await createRoom('a');
        const other = under.another();
        const batches = Array.from({ length: 20 }, (_, at) =>
          (at % 2 === 0 ? store : other).append([post('a', at), post('a', at)], 1000),
        );
        const given = (await Promise.all(batches)).flatMap(numbers).sort((a, b) => a - b);
        expect(given).toEqual(Array.from({ length: 40 }, (_, at) => at + 1));
      });
    });

    describe('idempotency keys', () => {
      const keyed = (over: Partial<NewRoomMessage> = {}): NewRoomMessage =>
        post('a', 'hello', { idempotencyKey: 'k1', ...over });

      it('stores once, and answers the repeat with the first number and time', async () => {
        await createRoom('a');
        await store.append([post('a', 'before')], 500);
        const [first] = await store.append([keyed()], 1000);
        const [repeat] = await store.append([keyed({ contentJson: '"other"' })], 2000);
        expect(stored(repeat)).toEqual({ ...stored(first), duplicate: true });
        expect(await store.head('a')).toMatchObject({ seq: 2 });
      });

      it('finds a repeat within one batch', async () => {
        await createRoom('a');
        const outcomes = await store.append([keyed(), post('a', 'between'), keyed()], 1000);
        expect(numbers(outcomes)).toEqual([1, 2, 1]);
        expect(outcomes.map((outcome) => stored(outcome).duplicate)).toEqual([false, false, true]);
      });

      it('tells senders, rooms and keys apart', async () => {
        await createRoom('a');
        await createRoom('b');
        const outcomes = await store.append(
          [keyed(), keyed({ senderId: 'bob' }), keyed({ roomId: 'b' }), keyed({ idempotencyKey: 'K1' })],
          1000,
        );
        expect(outcomes.map((outcome) => stored(outcome).duplicate)).toEqual([false, false, false, false]);
      });

      it('forgets a key after 24 hours', async () => {
        await createRoom('a');
        await store.append([keyed()], 1000);
        expect(stored((await store.append([keyed()], 1000 + IDEMPOTENCY_KEPT_MS - 1))[0]).duplicate).toBe(true);
        const later = 1000 + IDEMPOTENCY_KEPT_MS;
        expect(stored((await store.append([keyed()], later))[0])).toMatchObject({ seq: 2, duplicate: false });
        expect(stored((await store.append([keyed()], later + 1))[0])).toMatchObject({ seq: 2, duplicate: true });
      });
    });

    describe('inboxes', () => {
      const inbox = async (userId: string) => contents((await store.readInbox(userId, { limit: 100 })).messages);

      it('writes a direct message to both inboxes, each with its own numbers', async () => {
        await store.append([direct('bob', 'to bob')], 1000);
        const [outcome] = await store.append([direct('bob', 'from eve', { senderId: 'eve', senderName: 'Eve' })], 2000);
        expect(stored(outcome)).toMatchObject({ seq: 1, targetSeq: 2, timestamp: 2000 });
        expect(stored(outcome).epoch).toBe(await store.inboxEpoch());
        expect((await store.readInbox('bob', { limit: 10 })).messages).toEqual([
          { seq: 1, senderId: 'ann', senderName: 'Ann', targetId: 'bob', contentJson: '"to bob"', timestamp: 1000 },
          { seq: 2, senderId: 'eve', senderName: 'Eve', targetId: 'bob', contentJson: '"from eve"', timestamp: 2000 },
        ]);
        expect((await store.readInbox('eve', { limit: 10 })).messages).toMatchObject([{ seq: 1, targetId: 'bob' }]);
        expect(await Promise.all(['ann', 'bob', 'nobody'].map((user) => store.inboxHead(user)))).toEqual([1, 2, 0]);
      });

      it('writes a message to oneself once', async () => {
        const [outcome] = await store.append([direct('ann', 'note')], 1000);
        expect(stored(outcome)).toMatchObject({ seq: 1, targetSeq: null });
        expect(await inbox('ann')).toEqual(['note']);
      });

      it('keeps what comes from a blocked user from the target, and only that', async () => {
        const blocks = new Blocks(under.database);
        await blocks.set('bob', 'ann', true);
        const [blocked] = await store.append([direct('bob', 'unwanted')], 1000);
        expect(stored(blocked)).toMatchObject({ seq: 1, targetSeq: null, duplicate: false });
        await store.append([direct('ann', 'back', { senderId: 'bob', senderName: 'Bob' })], 1000);
        await blocks.set('bob', 'ann', false);
        await store.append([direct('bob', 'wanted')], 1000);
        expect(await inbox('bob')).toEqual(['back', 'wanted']);
        expect(await inbox('ann')).toEqual(['unwanted', 'back', 'wanted']);
      });

      it('stores and answers a repeated key once for each target', async () => {
        const key = { idempotencyKey: 'k' };
        const outcomes = await store.append(
          [direct('bob', 1, key), direct('eve', 2, key), direct('bob', 3, key)],
          1000,
        );
        expect(outcomes.map((outcome) => stored(outcome))).toMatchObject([
          { seq: 1, targetSeq: 1, duplicate: false },
          { seq: 2, targetSeq: 1, duplicate: false },
          { seq: 1, targetSeq: null, duplicate: true },
        ]);
        expect(await inbox('bob')).toEqual([1]);
      });

      it('reads the messages with one peer, and says whether there are more', async () => {
        await store.append(
          [1, 2, 3, 4, 5, 6].map((n) => direct(n % 2 === 0 ? 'bob' : 'eve', n)),
          1000,
        );
        const page = async (range: Parameters<MessageStore['readInbox']>[1]) => {
          const { messages, hasMore } = await store.readInbox('ann', range);
          return [contents(messages), hasMore];
        };
        expect(await page({ limit: 4 })).toEqual([[1, 2, 3, 4], true]);
        expect(await page({ limit: 6 })).toEqual([[1, 2, 3, 4, 5, 6], false]);
        expect(await page({ limit: 2, newest: true, peerId: 'bob' })).toEqual([[4, 6], true]);
        expect(await page({ limit: 2, newest: true, peerId: 'bob', before: 6 })).toEqual([[2, 4], false]);
        expect(await page({ limit: 2, after: 1, peerId: 'eve' })).toEqual([[3, 5], false]);
        expect(await page({ limit: 2, peerId: 'nobody' })).toEqual([[], false]);
      });

      it('has one epoch for all inboxes, the same for every node', async () => {
        const epoch = await store.inboxEpoch();
        expect(epoch).toMatch(/^.{1,64}$/);
        expect(await under.another().inboxEpoch()).toBe(epoch);
      });
    });
  });
}
