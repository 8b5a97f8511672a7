import type { OpenDatabase } from '@hubbub/storage/testing';
import { Blocks } from '../blocks.js';
import { IDEMPOTENCY_KEPT_MS, type MessageStore, type Outcome, type SeqRange } from '../message-store.js';
import type { NewRoomMessage } from '../messages.js';
import { contents, direct, numbers, post, stored, upTo, wholeRoom } from './entries.js';
import { StoresUnderTest } from './stores-under-test.js';

/** In any order. */
function expectEqualMaps(map: ReadonlyMap<string, unknown>, expected: readonly (readonly [string, unknown])[]): void {
  expect(Object.fromEntries(map)).toEqual(Object.fromEntries(expected));
}

/** What every implementation of MessageStore keeps. */
export function describeMessageStoreContract(name: string, open: OpenDatabase): void {
  describe(`${name} as a MessageStore`, () => {
    const under = new StoresUnderTest(open);
    let store: MessageStore;
    beforeEach(() => {
      ({ store } = under);
    });

    describe('rooms', () => {
      it('numbers each room from 1 without a gap, in the order of the batch', async () => {
        await under.createRoom('a');
        await under.createRoom('b');
        const first = await store.append([post('a', 1), post('b', 1), post('a', 2)], 1000);
        const second = await store.append([post('b', 2), post('a', 3)], 2000);
        expect(numbers(first)).toEqual([1, 1, 2]);
        expect(numbers(second)).toEqual([2, 3]);
        expect(stored(second[1])).toMatchObject({ epoch: 'epoch of a', timestamp: 2000, duplicate: false });
        expect(await store.head('a')).toEqual({ epoch: 'epoch of a', seq: 3, floor: 0 });
      });

      it('keeps every character of what was sent', async () => {
        await under.createRoom('a');
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

      it.each([
        ['what JSON escapes', '"\\u0000 \\ud800 \\n \\\\ \\" \\u2028"'],
        ['what SQL and its drivers give a meaning', String.raw`"' '' -- ; $1 ? :a %s _ {} {\"NULL\"} \\ \\' /* "`],
        [
          'what takes four bytes, combines or runs backwards',
          '"\u{1f468}\u200d\u{1f469} e\u0301 \u202e \ufeff \uffff \u{10ffff}"',
        ],
        ['numbers that no number of ours can hold', '[1.0,-0,1e400,123456789012345678901234567890]'],
        ['spaces at the end', '{"a" : 1 }  '],
      ])('keeps %s', async (_, contentJson) => {
        await under.createRoom('a');
        const ids = ["Robert'); DROP", 'trailing ', '\\', '\u{1f600}', 'ä', 'a\u0308', '%', '"', '{a,b}', 'NULL'];
        const idempotencyKey = '\u0000\u0001\u{1f600}\\';
        const batch = ids.flatMap((senderId) => [
          post('a', 0, { senderId, senderName: senderId, contentJson, idempotencyKey }),
          direct(`to ${senderId}`, 0, { senderId, senderName: senderId, contentJson, idempotencyKey }),
        ]);
        expect((await store.append(batch, 1000)).map((outcome) => stored(outcome).duplicate)).not.toContain(true);
        expect((await store.append(batch, 1000)).map((outcome) => stored(outcome).duplicate)).not.toContain(false);
        const kept = (await wholeRoom(store, 'a')).map(({ senderId, senderName, contentJson: text }) => [
          ...[senderId, senderName, text],
        ]);
        expect(kept).toEqual(ids.map((id) => [id, id, contentJson]));
        for (const senderId of ids) {
          for (const userId of [senderId, `to ${senderId}`]) {
            const { messages } = await store.readInbox(userId, {
              limit: 10,
              peerId: userId === senderId ? `to ${senderId}` : senderId,
            });
            expect(messages).toMatchObject([{ seq: 1, senderId, senderName: senderId, contentJson }]);
          }
        }
      });

      it('stores a batch of 512, of rooms and inboxes', async () => {
        await under.createRoom('a');
        await under.createRoom('b');
        const batch = upTo(512).map((n) =>
          n % 3 === 0 ? direct(`user${n % 7}`, n) : post(n % 3 === 1 ? 'a' : 'b', n, { idempotencyKey: `k${n}` }),
        );
        const outcomes = await store.append(batch, 1000);
        const given = (remainder: number) => numbers(outcomes.filter((__, at) => (at + 1) % 3 === remainder));
        expect([given(1), given(2), given(0)]).toEqual([upTo(171), upTo(171), upTo(170)]);
        expect(contents(await wholeRoom(store, 'a'))).toEqual(upTo(171).map((n) => 3 * n - 2));
        expect((await store.inboxHeads(['ann', 'user0'])).get('ann')).toBe(170);
      });

      it('stores very long messages, of few and of many bytes a character', async () => {
        await under.createRoom('a');
        const long = ['x', '\u20ac', '\\\\', "'"].map((char) => JSON.stringify(char.repeat(500_000)));
        const batch = long.flatMap((contentJson) => [post('a', 0, { contentJson }), direct('bob', 0, { contentJson })]);
        await store.append(batch, 1000);
        const texts = (messages: readonly { contentJson: string }[]) => messages.map(({ contentJson }) => contentJson);
        // Compared without a report: it would be as long as they are.
        expect(texts(await wholeRoom(store, 'a')).join() === long.join()).toBe(true);
        expect(texts((await store.readInbox('bob', { limit: 10 })).messages).join() === long.join()).toBe(true);
      });

      it('refuses a message to an unknown room alone', async () => {
        await under.createRoom('a');
        const outcomes = await store.append([post('a', 1), post('nowhere', 1), post('a', 2)], 1000);
        expect(outcomes[1]).toMatchObject({ name: 'RoomNotFound' });
        expect(numbers([outcomes[0] as Outcome, outcomes[2] as Outcome])).toEqual([1, 2]);
      });

      it('refuses a message that is meant for an earlier room of that id alone', async () => {
        await under.createRoom('a', 'now');
        const key = { idempotencyKey: 'k' };
        const batch = [
          post('a', 'late', { ...key, epoch: 'before' }),
          post('a', 'meant', { ...key, epoch: 'now' }),
          post('a', 'any'),
        ];
        const mixed = [...batch, direct('bob', 1)];
        for (const [entries, seqs] of [
          [batch, [1, 2]],
          [mixed, [1, 3]],
        ] as const) {
          const [late, meant, any] = await store.append(entries, 1000);
          expect(late).toMatchObject({ name: 'RoomNotFound' });
          expect(numbers([meant as Outcome, any as Outcome])).toEqual(seqs);
        }
        expect(contents(await wholeRoom(store, 'a'))).toEqual(['meant', 'any', 'any']);
      });

      it('tells ids apart byte for byte', async () => {
        await under.createRoom('Room');
        await under.createRoom('room');
        await store.append([post('Room', 1), post('Room', 2), post('room', 1)], 1000);
        expect(await store.head('room')).toMatchObject({ seq: 1 });
        expect(await store.head('ROOM')).toBeNull();
      });

      it('reads the oldest or the newest of a range, oldest first', async () => {
        await under.createRoom('a');
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
        await under.createRoom('a');
        await store.append([post('a', 'secret'), post('a', 'open')], 1000);
        expect(await under.redact('a', 1)).toBe(true);
        expect(await under.redact('a', 1)).toBe(true);
        expect(await under.redact('a', 3)).toBe(false);
        expect(await under.redact('nowhere', 1)).toBe(false);
        const range = await store.read('a', { limit: 10 });
        expect(range?.messages).toMatchObject([
          { seq: 1, contentJson: 'null', redacted: true },
          { seq: 2, contentJson: '"open"', redacted: false },
        ]);
      });

      it('redacts nothing where the transaction fails', async () => {
        await under.createRoom('a');
        await store.append([post('a', 'open')], 1000);
        const failing = under.database.transaction(async (manager) => {
          await store.redact(manager, 'a', 1);
          throw new Error('changed my mind');
        });
        await expect(failing).rejects.toThrow('changed my mind');
        expect((await store.read('a', { limit: 10 }))?.messages).toMatchObject([{ contentJson: '"open"' }]);
      });

      it('counts from 1 again in a room that was removed and made again, and shows nothing of the old one', async () => {
        await under.createRoom('a', 'first');
        await store.append([post('a', 'old', { idempotencyKey: 'k' })], 1000);
        await under.removeRoom('a');
        expect((await store.append([post('a', 'lost')], 1000))[0]).toMatchObject({ name: 'RoomNotFound' });
        await under.createRoom('a', 'second');
        const again = await store.append([post('a', 'new', { idempotencyKey: 'k' })], 2000);
        expect(stored(again[0])).toMatchObject({ seq: 1, epoch: 'second', duplicate: false });
        expect(contents((await store.read('a', { limit: 10 }))?.messages ?? [])).toEqual(['new']);
      });

      it('tells of many rooms where they stand, unless that is known; and leaves unknown rooms out', async () => {
        const roomIds = Array.from({ length: 25 }, (_, at) => `room${at}`);
        for (const roomId of roomIds) await under.createRoom(roomId);
        await store.append(
          roomIds.flatMap((roomId, at) => Array.from({ length: at }, () => post(roomId, at))),
          1000,
        );
        await under.removeRoom('room7');
        await store.append([direct('room7', 'an inbox of the same name')], 1000);
        const unknown = Array.from({ length: 2500 }, (_, at) => `"nowhere'${at}`);
        const heads = await store.movedHeads(new Map([...unknown, ...roomIds].map((roomId) => [roomId, -1])));
        const expected = roomIds.map((roomId, seq) => [roomId, { epoch: `epoch of ${roomId}`, seq }]);
        expectEqualMaps(heads, expected.filter(([roomId]) => roomId !== 'room7') as [string, unknown][]);
        const [behind, ahead] = [3, 9];
        const moved = await store.movedHeads(
          new Map(roomIds.map((roomId, seq) => [roomId, seq === behind ? seq - 1 : seq === ahead ? seq + 1 : seq])),
        );
        expectEqualMaps(moved, [expected[behind], expected[ahead]] as [string, unknown][]);
        expect(await store.movedHeads(new Map())).toEqual(new Map());
      });

      it('numbers without a gap or a repeat when two nodes append at once', async () => {
        await under.createRoom('a');
        const { other } = under;
        const batches = Array.from({ length: 20 }, (_, at) =>
          (at % 2 === 0 ? store : other).append([post('a', at), post('a', at)], 1000),
        );
        const given = (await Promise.all(batches)).flatMap(numbers).sort((a, b) => a - b);
        expect(given).toEqual(upTo(40));
      });
    });

    describe('idempotency keys', () => {
      const keyed = (over: Partial<NewRoomMessage> = {}): NewRoomMessage =>
        post('a', 'hello', { idempotencyKey: 'k1', ...over });

      it('stores once, and answers the repeat with the first number and time', async () => {
        await under.createRoom('a');
        await store.append([post('a', 'before')], 500);
        const [first] = await store.append([keyed()], 1000);
        const [repeat] = await store.append([keyed({ contentJson: '"other"' })], 2000);
        expect(stored(repeat)).toEqual({ ...stored(first), duplicate: true });
        expect(await store.head('a')).toMatchObject({ seq: 2 });
      });

      it('finds a repeat within one batch', async () => {
        await under.createRoom('a');
        const outcomes = await store.append([keyed(), post('a', 'between'), keyed()], 1000);
        expect(numbers(outcomes)).toEqual([1, 2, 1]);
        expect(outcomes.map((outcome) => stored(outcome).duplicate)).toEqual([false, false, true]);
      });

      it('tells senders, rooms and keys apart', async () => {
        await under.createRoom('a');
        await under.createRoom('b');
        const outcomes = await store.append(
          [keyed(), keyed({ senderId: 'bob' }), keyed({ roomId: 'b' }), keyed({ idempotencyKey: 'K1' })],
          1000,
        );
        expect(outcomes.map((outcome) => stored(outcome).duplicate)).toEqual([false, false, false, false]);
      });

      it('forgets a key after 24 hours', async () => {
        await under.createRoom('a');
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

      it('tells the heads of many inboxes at once, or where they are not the known ones, and leaves out who has none', async () => {
        await under.createRoom('eve');
        await store.append([direct('bob', 1), direct('Bob', 2), direct('ann', 3), direct("o'neil", 4)], 1000);
        const users = ['ann', 'bob', 'Bob', 'BOB', "o'neil", 'eve'];
        expectEqualMaps(await store.inboxHeads(users), [
          ['ann', 4],
          ['bob', 1],
          ['Bob', 1],
          ["o'neil", 1],
        ]);
        expect(await store.inboxHeads([])).toEqual(new Map());
        const moved = await store.movedInboxHeads(new Map(users.map((user) => [user, user === 'Bob' ? 2 : 1])));
        expectEqualMaps(moved, [
          ['ann', 4],
          ['Bob', 1],
        ]);
        expect(await store.movedInboxHeads(new Map())).toEqual(new Map());
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

      it('reads no further than to the message whose content is beyond the bytes, with those read before it', async () => {
        await under.createRoom('a');
        // 100 bytes, of fewer characters; others in between, whose messages do not count.
        const content = '\u20ac'.repeat(32) + 'xx';
        for (let n = 0; n < 10; n++) {
          await store.append([post('a', content), direct('bob', content), direct('eve', 'x'.repeat(1000))], 1000);
        }
        const read = async (range: SeqRange) => {
          const seqsOf = (messages: readonly { seq: number }[] = []) => messages.map(({ seq }) => seq);
          const [room, inbox] = [await store.read('a', range), await store.readInbox('bob', range)];
          const bounds = { after: 2 * (range.after ?? 0), before: 2 * (range.before ?? 11) - 1 };
          const ofPeer = await store.readInbox('ann', { ...range, ...bounds, peerId: 'bob' });
          expect(seqsOf(inbox.messages)).toEqual(seqsOf(room?.messages));
          expect(seqsOf(ofPeer.messages)).toEqual(seqsOf(room?.messages).map((seq) => 2 * seq - 1));
          expect(ofPeer.hasMore).toBe(inbox.hasMore);
          return [seqsOf(room?.messages), inbox.hasMore];
        };
        expect(await read({ limit: 10, maxBytes: 299 })).toEqual([[1, 2, 3], true]);
        expect(await read({ limit: 10, maxBytes: 300 })).toEqual([[1, 2, 3, 4], true]);
        expect(await read({ limit: 10, maxBytes: 1000, after: 7 })).toEqual([[8, 9, 10], false]);
        expect(await read({ limit: 10, maxBytes: 0, newest: true })).toEqual([[10], true]);
        expect(await read({ limit: 10, maxBytes: 299, newest: true, before: 4 })).toEqual([[1, 2, 3], false]);
        expect(await read({ limit: 2, maxBytes: 299, newest: true })).toEqual([[9, 10], true]);
      });

      it('has one epoch for all inboxes, the same for every node', async () => {
        const epoch = await store.inboxEpoch();
        expect(epoch).toMatch(/^.{1,64}$/);
        expect(await under.other.inboxEpoch()).toBe(epoch);
      });
    });
  });
}
