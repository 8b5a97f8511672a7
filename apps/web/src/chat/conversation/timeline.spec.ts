import fc from 'fast-check';
import type { Message } from './message.js';
import { Timeline } from './timeline.js';

const message = (seq: number | undefined, more: Partial<Message> = {}): Message => ({
  sender_id: 'ann',
  sender_name: 'Ann',
  content: { text: `m${seq}` },
  timestamp: 1000 + (seq ?? 0),
  ...(seq === undefined ? { ephemeral: true } : { seq }),
  ...more,
});
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => message(from + index));
/** As a server with `head` messages answers. */
const before = (seq: number, limit = 50) => {
  const messages = range(Math.max(1, seq - limit), seq - 1);
  return { messages, has_more: (messages[0]?.seq ?? 1) > 1 };
};
const shown = ({ items }: Timeline) =>
  items.map((item) => (item.type === 'lost' ? `lost ${item.from}-${item.to}` : (item.message.seq ?? 'now')));

describe('Timeline', () => {
  it('shows each message once, at its place, whatever brought it and how often', () => {
    const timeline = new Timeline();
    timeline.append(message(5), true);
    timeline.latest({ messages: range(3, 6), has_more: true });
    timeline.append(message(6), true);
    timeline.append(message(7), true);
    timeline.prepend({ messages: range(1, 4), has_more: false });
    expect(shown(timeline)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(timeline.hasOlder).toBe(false);
    expect(timeline.lastSeq).toBe(7);
  });

  it('keeps messages without a number where they came', () => {
    const timeline = new Timeline();
    timeline.append(message(1), true);
    timeline.append(message(undefined), true);
    timeline.append(message(2), true);
    timeline.append(message(undefined), true);
    expect(shown(timeline)).toEqual([1, 'now', 2, 'now']);

    const joined = new Timeline();
    joined.latest({ messages: range(4, 5), has_more: true });
    joined.append(message(undefined), true);
    joined.lose({ missed: 0 });
    joined.prepend({ messages: range(1, 3), has_more: false });
    joined.append(message(6), true);
    expect(shown(joined)).toEqual([1, 2, 3, 4, 5, 'now', 'lost undefined-undefined', 6]);
  });

  it('replaces what is redacted by a placeholder, and nothing else', () => {
    const timeline = new Timeline();
    timeline.latest({ messages: range(1, 3), has_more: false });
    const [first] = timeline.items;
    timeline.redact(2);
    timeline.redact(99);
    expect(timeline.items[1]).toMatchObject({ message: { seq: 2, content: null, redacted: true } });
    expect(timeline.items[0]).toBe(first);
  });

  it('learns from the history what was redacted meanwhile', () => {
    const timeline = new Timeline();
    timeline.latest({ messages: range(1, 3), has_more: false });
    timeline.refresh([message(2, { redacted: true, content: null }), message(3), message(9)]);
    expect(shown(timeline)).toEqual([1, 2, 3]);
    expect(timeline.items[1]).toMatchObject({ message: { content: null, redacted: true } });
  });

  it('is bounded: the window moves up and down a history of 20,000, and nothing is missing on the way', () => {
    const head = 20_000;
    const timeline = new Timeline(400);
    timeline.latest(before(head + 1));
    for (let pages = 0; timeline.hasOlder; pages++) {
      timeline.prepend(before(timeline.firstHeld as number));
      expect(timeline.items.length).toBeLessThanOrEqual(400);
      expect(pages).toBeLessThan(400);
    }
    expect(timeline.firstHeld).toBe(1);
    expect(timeline.hasNewer).toBe(true);
    // Live ones are not taken in, as they do not follow; the way down brings them.
    expect(timeline.append(message(head + 1), false)).toBe(false);
    while (timeline.hasNewer) {
      const from = (timeline.lastHeld as number) + 1;
      const to = Math.min(from + 49, head + 1);
      timeline.extend({ messages: range(from, to), has_more: to < head + 1 });
    }
    expect(shown(timeline)).toEqual(range(head + 2 - 400, head + 1).map(({ seq }) => seq));
    expect(timeline.hasOlder).toBe(true);
  });

  it('goes on reading down where a live message passed the page on its way', () => {
    const timeline = new Timeline(10);
    timeline.latest({ messages: range(30, 40), has_more: true });
    timeline.prepend({ messages: range(20, 29), has_more: true });
    timeline.append(message(41), false);
    timeline.extend({ messages: range(30, 40), has_more: false });
    expect(timeline.hasNewer).toBe(true);
    timeline.extend({ messages: [message(41)], has_more: false });
    expect(timeline.hasNewer).toBe(false);
    expect(timeline.lastHeld).toBe(41);
  });

  it('stays where it is read while thousands come', () => {
    const timeline = new Timeline(100);
    timeline.latest({ messages: range(1, 50), has_more: false });
    for (const one of range(51, 5000)) timeline.append(one, false);
    expect(timeline.firstHeld).toBe(1);
    expect(timeline.items.length).toBe(150);
    expect(timeline.hasNewer).toBe(true);
    expect(timeline.lastSeq).toBe(5000);
    timeline.latest({ messages: range(4951, 5000), has_more: true });
    expect(shown(timeline)).toEqual(range(4951, 5000).map(({ seq }) => seq));
  });

  it('marks what was lost, and takes it from the history as far as that has it', () => {
    const timeline = new Timeline();
    timeline.latest({ messages: range(1, 2), has_more: false });
    timeline.lose({ missed: 5, from: 3, to: 7 });
    for (const one of range(8, 9)) timeline.append(one, true);
    expect(shown(timeline)).toEqual([1, 2, 'lost 3-7', 8, 9]);
    const { key } = timeline.items[2] as { key: string };
    timeline.recover(key, range(3, 5));
    expect(shown(timeline)).toEqual([1, 2, 3, 4, 5, 'lost 6-7', 8, 9]);
    timeline.recover(key, range(6, 9));
    expect(shown(timeline)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('says so where the history does not have what was lost', () => {
    const timeline = new Timeline();
    timeline.append(message(1), true);
    timeline.lose({ missed: 2, from: 2, to: 3 });
    timeline.append(message(4), true);
    timeline.recover((timeline.items[1] as { key: string }).key, range(4, 6));
    expect(shown(timeline)).toEqual([1, 'lost undefined-undefined', 4]);
  });

  it('is in order and without doubles after any mixture of pages and pushes', () => {
    const step = fc.record({ from: fc.integer({ min: 1, max: 60 }), count: fc.integer({ min: 1, max: 20 }) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const timeline = new Timeline();
        for (const { from, count } of steps) timeline.extend({ messages: range(from, from + count), has_more: false });
        const numbers = shown(timeline) as number[];
        expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other));
      }),
    );
  });
});
