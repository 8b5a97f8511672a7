import { LogTail } from './log-tail.js';
import { LogTails } from './log-tails.js';
import type { StoredRange } from './message-store.js';
import type { LoggedMessage } from './messages.js';

const message = (seq: number, over: Partial<LoggedMessage> = {}): LoggedMessage => ({
  roomId: 'lobby',
  epoch: 'e1',
  seq,
  senderId: 'ann',
  senderName: 'Ann',
  contentJson: `"m${seq}"`,
  timestamp: seq,
  redacted: false,
  ...over,
});
const messages = (from: number, to: number): LoggedMessage[] =>
  Array.from({ length: to - from + 1 }, (_, at) => message(from + at));
const seqs = (list: readonly LoggedMessage[] | null | undefined): number[] | null =>
  list?.map(({ seq }) => seq) ?? null;

describe('LogTail', () => {
  it('answers a range only when it has all of it', () => {
    const tail = new LogTail('e1', 100, 100_000);
    for (const each of messages(5, 9)) tail.add(each);
    expect(seqs(tail.slice(4, 9))).toEqual([5, 6, 7, 8, 9]);
    expect(seqs(tail.slice(6, 8))).toEqual([7, 8]);
    expect(seqs(tail.slice(9, 9))).toEqual([]);
    expect(tail.slice(3, 9)).toBeNull();
    expect(tail.slice(8, 10)).toBeNull();
  });

  it('hands out the same list again, as it is now', () => {
    const tail = new LogTail('e1', 100, 100_000);
    for (const each of messages(1, 5)) tail.add(each);
    const first = tail.slice(1, 4);
    tail.add(message(6));
    expect(tail.slice(1, 4)).toBe(first);
    tail.redact(3);
    expect(tail.slice(1, 4)?.map(({ redacted }) => redacted)).toEqual([false, true, false]);
    tail.trim(2);
    expect(tail.slice(1, 4)).toBeNull();
  });

  it('forgets the oldest beyond its number of messages and beyond its size', () => {
    const few = new LogTail('e1', 3, 100_000);
    for (const each of messages(1, 10)) few.add(each);
    expect(seqs(few.slice(7, 10))).toEqual([8, 9, 10]);
    expect(few.size).toBe(3);

    const small = new LogTail('e1', 100, 3000);
    for (let seq = 1; seq <= 10; seq++) small.add(message(seq, { contentJson: `"${'x'.repeat(1000)}"` }));
    expect(small.size).toBe(2);
    expect(small.chars).toBeLessThanOrEqual(3000);
  });

  it('begins anew rather than keep a gap', () => {
    const tail = new LogTail('e1', 100, 100_000);
    for (const each of [message(1), message(2), message(4)]) tail.add(each);
    expect(tail.slice(1, 4)).toBeNull();
    expect(seqs(tail.slice(3, 4))).toEqual([4]);
  });

  it('grows backwards and forwards by what is read, but never over a gap', () => {
    const tail = new LogTail('e1', 100, 100_000);
    tail.extendBack(messages(5, 6));
    tail.extendBack(messages(1, 3));
    expect(tail.slice(0, 6)).toBeNull();
    tail.extendBack(messages(2, 4));
    expect(seqs(tail.slice(1, 6))).toEqual([2, 3, 4, 5, 6]);
    tail.extendBack(messages(6, 8));
    expect(seqs(tail.slice(1, 8))).toEqual([2, 3, 4, 5, 6, 7, 8]);
  });

  it('erases a redacted content and drops what retention took', () => {
    const tail = new LogTail('e1', 100, 100_000);
    for (const each of messages(1, 4)) tail.add(each);
    tail.redact(3);
    tail.redact(99);
    expect(tail.slice(2, 3)?.[0]).toMatchObject({ seq: 3, contentJson: 'null', redacted: true });
    tail.trim(2);
    expect(tail.slice(1, 4)).toBeNull();
    expect(seqs(tail.slice(2, 4))).toEqual([3, 4]);
    tail.trim(10);
    expect(tail.size).toBe(0);
    expect(tail.chars).toBe(0);
  });
});

describe('LogTails', () => {
  it('forgets the rooms unused longest when all together are too large', () => {
    const tails = new LogTails({ maxTotalChars: 900 });
    for (const roomId of ['a', 'b', 'c', 'd']) tails.add(message(1, { roomId }));
    tails.get('a');
    tails.add(message(1, { roomId: 'e' }));
    expect(['a', 'b', 'c', 'd', 'e'].filter((roomId) => tails.get(roomId))).toEqual(['a', 'c', 'd', 'e']);
    expect(tails.totalChars).toBeLessThanOrEqual(900);
  });

  it('forgets rooms that are not in use', () => {
    let now = 0;
    const tails = new LogTails({ idleMs: 1000, now: () => now });
    tails.add(message(1, { roomId: 'a' }));
    tails.add(message(1, { roomId: 'b' }));
    now = 900;
    tails.add(message(2, { roomId: 'a' }));
    now = 1500;
    tails.forgetIdle();
    expect(tails.get('a')?.size).toBe(2);
    expect(tails.get('b')).toBeUndefined();
    expect(tails.size).toBe(1);
  });

  it('does not answer for a room that was made again', () => {
    const tails = new LogTails();
    tails.add(message(7));
    expect(tails.get('lobby', 'e2')).toBeUndefined();
    tails.add(message(1, { epoch: 'e2' }));
    expect(seqs(tails.get('lobby', 'e2')?.slice(0, 1))).toEqual([1]);
    expect(tails.get('lobby', 'e1')).toBeUndefined();
  });

  const head = (seq: number) => ({ epoch: 'e1', seq, floor: 0 });
  /** A reading of the messages 1 to 3 that ends when it is told to. */
  function beginReading(tails: LogTails) {
    let end = () => {};
    const range = { head: head(3), messages: messages(1, 3) };
    const read = () => new Promise<StoredRange>((resolve) => (end = () => resolve(range)));
    const reading = tails.reading('lobby', read, (found) => found);
    return { finish: () => (end(), reading) };
  }

  it('keeps what a reading found, but for what was redacted meanwhile, whose content nobody is told', async () => {
    const tails = new LogTails();
    const slow = beginReading(tails);
    tails.redact('lobby', 2);
    expect((await slow.finish()).messages.map(({ redacted }) => redacted)).toEqual([false, true, false]);
    expect(tails.get('lobby')).toBeUndefined();

    const other = beginReading(tails);
    tails.redact('elsewhere', 2);
    await other.finish();
    expect(tails.get('lobby')?.size).toBe(3);
  });

  it('keeps, where it is not told of all, only rooms that are followed, and nothing read before that', async () => {
    const tails = new LogTails({ followedOnly: true });
    tails.add(message(1));
    await beginReading(tails).finish();
    expect(tails.get('lobby')).toBeUndefined();

    const early = beginReading(tails);
    tails.follow('lobby');
    await early.finish();
    expect(tails.get('lobby')).toBeUndefined();

    await beginReading(tails).finish();
    tails.add(message(4));
    expect(seqs(tails.get('lobby')?.slice(0, 4))).toEqual([1, 2, 3, 4]);
    tails.unfollow('lobby');
    tails.add(message(5));
    expect([tails.get('lobby'), tails.totalChars]).toEqual([undefined, 0]);
  });
});
