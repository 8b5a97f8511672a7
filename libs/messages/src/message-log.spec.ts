import fc from 'fast-check';
import type { LoggedMessage, NewRoomMessage } from './messages.js';
import { type OpenMessages, type OpenMessagesOptions, openMessages } from './testing/index.js';

const seqs = (messages: readonly LoggedMessage[] | null | undefined): number[] | null =>
  messages?.map(({ seq }) => seq) ?? null;
const upTo = (last: number, from = 1): number[] => Array.from({ length: last + 1 - from }, (_, at) => from + at);

describe('MessageLog', () => {
  let messages: OpenMessages;
  let epoch: string;

  async function open(options?: OpenMessagesOptions): Promise<void> {
    messages = await openMessages(options);
    ({ epoch } = await messages.createRoom('lobby'));
  }
  const post = (content: unknown, over: Partial<NewRoomMessage> = {}) =>
    messages.log.append({
      roomId: 'lobby',
      senderId: 'ann',
      senderName: 'Ann',
      contentJson: JSON.stringify(content),
      ...over,
    });
  const redact = async (seq: number) => {
    await messages.database.transaction((manager) => messages.log.redact(manager, 'lobby', seq));
    messages.log.redacted('lobby', seq);
  };
  const fill = (count: number) => Promise.all(upTo(count).map((n) => post(n).promise()));
  /** As after a restart: nothing in memory. */
  const forgetMemory = (): void => messages.log.forget('lobby');

  afterEach(() => messages.close());

  it('numbers what arrives in one turn in one commit, and answers in the order of the numbers', async () => {
    await open();
    const order: number[] = [];
    const answers = upTo(50).map((n) => post(n));
    for (const answer of answers) answer.onSettled((_error, stored) => order.push(stored?.seq ?? -1));
    await answers.at(-1)?.promise();
    expect(order).toEqual(upTo(50));
    expect(messages.metrics.appendBatch.samples().length).toBeGreaterThan(0);
    expect(messages.metrics.appended.samples()[0]?.value).toBe(50);
    expect(await messages.log.head('lobby')).toEqual({ epoch, seq: 50, floor: 0 });
  });

  it('rejects what is sent to an unknown room, and nothing else', async () => {
    await open();
    const [bad, good] = [post(1, { roomId: 'nowhere' }), post(2)];
    const key = { idempotencyKey: 'k' };
    const repeats = [post(3, key), post(3, key)];
    await expect(bad.promise()).rejects.toMatchObject({ name: 'RoomNotFound' });
    expect(await good.promise()).toMatchObject({ seq: 1, epoch });
    expect(await Promise.all(repeats.map((each) => each.promise()))).toMatchObject([{ seq: 2 }, { duplicate: true }]);
    expect(messages.metrics.appended.samples()[0]?.value).toBe(2);
    await expect(messages.log.head('nowhere')).rejects.toMatchObject({ name: 'RoomNotFound' });
    await expect(messages.log.history('nowhere', { limit: 1 })).rejects.toMatchObject({ name: 'RoomNotFound' });
  });

  describe.each([
    ['from memory', false],
    ['from the database', true],
  ])('%s', (_name, cold) => {
    it('pages through the history both ways', async () => {
      await open();
      await fill(10);
      const page = async (options: Parameters<typeof messages.log.history>[1]) => {
        if (cold) forgetMemory();
        const { messages: found, hasMore } = await messages.log.history('lobby', options);
        return [seqs(found), hasMore];
      };
      expect(await page({ limit: 4 })).toEqual([[7, 8, 9, 10], true]);
      expect(await page({ before: 7, limit: 4 })).toEqual([[3, 4, 5, 6], true]);
      expect(await page({ before: 3, limit: 4 })).toEqual([[1, 2], false]);
      expect(await page({ before: 5, limit: 4 })).toEqual([[1, 2, 3, 4], false]);
      expect(await page({ before: 1, limit: 4 })).toEqual([[], false]);
      expect(await page({ after: 0, limit: 4 })).toEqual([[1, 2, 3, 4], true]);
      expect(await page({ after: 6, limit: 4 })).toEqual([[7, 8, 9, 10], false]);
      expect(await page({ after: 10, limit: 4 })).toEqual([[], false]);
      expect(await page({ after: 99, limit: 4 })).toEqual([[], false]);
      expect(await page({ before: 99, limit: 4 })).toEqual([[7, 8, 9, 10], true]);
      expect(await page({ after: 2, before: 5, limit: 10 })).toEqual([[3, 4], false]);
    });

    it('shows a redacted message without its content, at its number', async () => {
      await open();
      await fill(3);
      if (cold) forgetMemory();
      await redact(2);
      expect(await messages.log.find('lobby', 2)).toMatchObject({ seq: 2, contentJson: 'null', redacted: true });
      expect((await messages.log.recover('lobby', { epoch, seq: 0 }, 3))?.map(({ redacted }) => redacted)).toEqual([
        false,
        true,
        false,
      ]);
      await expect(redact(4)).rejects.toMatchObject({ name: 'MessageNotFound' });
      expect(await messages.log.find('lobby', 4)).toBeNull();
    });

    it('tells nobody what is erased while the log is read, also who comes after that and shares the reading', async () => {
      await open();
      await fill(3);
      forgetMemory();
      const read = messages.store.read.bind(messages.store);
      let goOn = () => {};
      const erasure = new Promise<void>((resolve) => (goOn = resolve));
      const reads: Promise<unknown>[] = [];
      jest.spyOn(messages.store, 'read').mockImplementation(async (...range) => {
        const reading = read(...range);
        reads.push(reading);
        await Promise.all([reading, erasure]);
        return reading;
      });
      const recover = () => messages.log.recover('lobby', { epoch, seq: 0 }, 3);
      const [early, page] = [recover(), messages.log.history('lobby', { before: 4, limit: 10 })];
      await Promise.all(reads);
      await redact(2);
      const late = recover();
      goOn();
      for (const found of [await early, await late, (await page).messages]) {
        expect(found?.map(({ contentJson }) => contentJson)).toEqual(['1', 'null', '3']);
      }
      expect(reads).toHaveLength(2);
    });

    it('recovers all that was missed or none of it', async () => {
      await open({ config: { history: { recoverMax: 6 } } });
      await fill(10);
      const recover = async (since: { epoch: string; seq: number }, head = 10) => {
        if (cold) forgetMemory();
        return seqs(await messages.log.recover('lobby', since, head));
      };
      expect(await recover({ epoch, seq: 4 })).toEqual([5, 6, 7, 8, 9, 10]);
      expect(await recover({ epoch, seq: 4 }, 7)).toEqual([5, 6, 7]);
      expect(await recover({ epoch, seq: 10 })).toEqual([]);
      expect(await recover({ epoch, seq: 3 })).toBeNull();
      expect(await recover({ epoch, seq: 11 })).toBeNull();
      expect(await recover({ epoch: 'another', seq: 10 })).toBeNull();
      expect(await recover({ epoch: 'another', seq: 9 })).toBeNull();
    });

    it('recovers nothing across the end of the retention', async () => {
      await open({ config: { history: { maxMessages: 4 } } });
      await fill(10);
      await messages.retention.sweep(Date.now() + 120_000);
      const recover = async (seq: number) => {
        if (cold) forgetMemory();
        return seqs(await messages.log.recover('lobby', { epoch, seq }, 10));
      };
      expect(await recover(6)).toEqual([7, 8, 9, 10]);
      expect(await recover(5)).toBeNull();
      expect(await recover(0)).toBeNull();
    });
  });

  it('sends shorter pages of large messages, and says that there are more', async () => {
    await open();
    for (let n = 0; n < 5; n++) await post('x'.repeat(300_000)).promise();
    const page = async (options: object) => {
      const { messages: found, hasMore } = await messages.log.history('lobby', { limit: 5, ...options });
      return [seqs(found), hasMore];
    };
    expect(await page({})).toEqual([[3, 4, 5], true]);
    expect(await page({ before: 3 })).toEqual([[1, 2], false]);
    expect(await page({ after: 0 })).toEqual([[1, 2, 3], true]);
  });

  it('reads no more of the log than fits into an answer', async () => {
    await open({ config: { limits: { sendBufferBytes: 4096 } } });
    for (let n = 0; n < 20; n++) await post('x'.repeat(1000)).promise();
    forgetMemory();
    expect(await messages.log.recover('lobby', { epoch, seq: 0 }, 20)).toBeNull();
    expect(messages.tails.get('lobby')?.size).toBe(5);
    forgetMemory();
    expect(seqs((await messages.log.history('lobby', { limit: 20 })).messages)).toEqual([18, 19, 20]);
    expect(messages.tails.get('lobby')?.size).toBe(5);
  });

  it('agrees with the database, whatever is in memory, about every recovery', async () => {
    await open({ tails: { maxMessages: 8 }, config: { history: { recoverMax: 30 } } });
    let head = 0;
    const step = fc.oneof(
      fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 12 }) }),
      fc.record({ kind: fc.constant('recover' as const), missed: fc.integer({ min: -2, max: 40 }) }),
      fc.record({ kind: fc.constant('page' as const), before: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ kind: fc.constant('forget' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        for (const each of steps) {
          if (each.kind === 'append') {
            await fill(each.count);
            head += each.count;
          }
          if (each.kind === 'forget') forgetMemory();
          if (each.kind === 'page') {
            const page = await messages.log.history('lobby', { before: each.before, limit: 5 });
            const last = Math.min(each.before - 1, head);
            expect(seqs(page.messages)).toEqual(upTo(last, Math.max(1, last - 4)));
          }
          if (each.kind !== 'recover') continue;
          const since = head - each.missed;
          const possible = since >= 0 && since <= head && each.missed <= 30;
          expect(seqs(await messages.log.recover('lobby', { epoch, seq: since }, head))).toEqual(
            possible ? upTo(head, since + 1) : null,
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  it('lets many who come back at once share one reading of the database', async () => {
    await open();
    await fill(60);
    forgetMemory();
    const reads = jest.spyOn(messages.store, 'read');
    const answers = await Promise.all(
      upTo(1000).map((n) => messages.log.recover('lobby', { epoch, seq: 60 - (n % 50) }, 60)),
    );
    expect(answers.every((found, at) => found?.length === (at + 1) % 50)).toBe(true);
    expect(reads).toHaveBeenCalledTimes(1);
    await messages.log.recover('lobby', { epoch, seq: 1 }, 60);
    expect(reads).toHaveBeenCalledTimes(1);
  });

  it('finds what fits also when it shares a reading that large messages above it have ended', async () => {
    await open({ config: { limits: { sendBufferBytes: 4096 } } });
    await fill(10);
    for (const _ of upTo(3)) await post('x'.repeat(3000)).promise();
    forgetMemory();
    const since = (seq: number) => ({ epoch, seq });
    const [further, fitting] = await Promise.all([
      messages.log.recover('lobby', since(4), 13),
      messages.log.recover('lobby', since(4), 10),
    ]);
    expect(further).toBeNull();
    expect(seqs(fitting)).toEqual(upTo(10, 5));
  });

  it('counts from 1 under a new epoch when a room was deleted and made again', async () => {
    await open();
    await fill(5);
    await messages.removeRoom('lobby');
    const again = await messages.createRoom('lobby');
    expect(again.epoch).not.toBe(epoch);
    expect(await post('new').promise()).toMatchObject({ seq: 1, epoch: again.epoch });
    expect(await messages.log.recover('lobby', { epoch, seq: 1 }, 1)).toBeNull();
    expect(seqs(await messages.log.recover('lobby', { epoch: again.epoch, seq: 0 }, 1))).toEqual([1]);
  });
});
