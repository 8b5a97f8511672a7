import { CommandError } from '@hubbub/client';
import { Entries, type EntriesInput, type Outgoing } from './entries.js';
import type { Item } from './timeline.js';

const NOON = new Date(2026, 5, 1, 12).getTime();
const MINUTE = 60_000;
const SENDING = { state: 'sending' } as const;

const item = (seq: number, sender: string, at: number): Item => ({
  type: 'message',
  key: `seq-${seq}`,
  place: seq,
  message: { seq, sender_id: sender, sender_name: sender, content: { text: `m${seq}` }, timestamp: at },
});
const outgoing = (key: string, more: Partial<Outgoing> = {}): Outgoing => ({
  key,
  content: { text: key },
  createdAt: NOON,
  delivery: SENDING,
  ...more,
});
const input = (more: Partial<EntriesInput>): EntriesInput => ({
  items: [],
  outgoing: [],
  me: { userId: 'me', username: 'Me' },
  readUpTo: null,
  sentKeys: new Map(),
  ...more,
});
const shown = (more: Partial<EntriesInput>) =>
  new Entries().build(input(more)).map((entry) => {
    if (entry.type !== 'message') return entry.type;
    const state = entry.delivery ? ` ${entry.delivery.state}` : '';
    return `${entry.continued ? '+' : ''}${entry.key}${state}`;
  });

describe('Entries', () => {
  it('joins what one sender writes in a row, until somebody else does or a pause comes', () => {
    const items = [
      item(1, 'ann', NOON),
      item(2, 'ann', NOON + MINUTE),
      item(3, 'bob', NOON + 2 * MINUTE),
      item(4, 'bob', NOON + 9 * MINUTE),
    ];
    expect(shown({ items })).toEqual(['day', 'seq-1', '+seq-2', 'seq-3', 'seq-4']);
  });

  it('parts the days', () => {
    const items = [item(1, 'ann', NOON), item(2, 'ann', NOON + 24 * 60 * MINUTE)];
    expect(shown({ items })).toEqual(['day', 'seq-1', 'day', 'seq-2']);
  });

  it('draws the line of the unread above the first message of another that is not read', () => {
    const items = [item(1, 'ann', NOON), item(2, 'me', NOON), item(3, 'ann', NOON), item(4, 'ann', NOON)];
    expect(shown({ items, readUpTo: 1 })).toEqual(['day', 'seq-1', 'seq-2 stored', 'unread', 'seq-3', '+seq-4']);
    expect(shown({ items, readUpTo: 4 })).not.toContain('unread');
  });

  it('shows how each message of one stands, those under way at the end', () => {
    const error = new CommandError('Forbidden');
    const failed = outgoing('b', { delivery: { state: 'failed', error } });
    expect(shown({ items: [item(1, 'me', NOON)], outgoing: [outgoing('a'), failed] })).toEqual([
      'day',
      'seq-1 stored',
      '+a sending',
      '+b failed',
    ]);
  });

  it('keeps a message of one the same thing once it is stored, and puts it above what follows', () => {
    const sentKeys = new Map([[2, 'a']]);
    const items = [item(1, 'ann', NOON), item(2, 'me', NOON), item(3, 'ann', NOON)];
    expect(shown({ items, sentKeys })).toEqual(['day', 'seq-1', 'a stored', 'seq-3']);
  });

  it('gives the same objects for what did not change', () => {
    const entries = new Entries();
    const items = [item(1, 'ann', NOON), item(2, 'bob', NOON)];
    const { content } = outgoing('a');
    const own = () => [outgoing('a', { content })];
    const before = entries.build(input({ items, outgoing: own() }));
    const after = entries.build(input({ items: [...items, item(3, 'bob', NOON)], outgoing: own() }));
    expect(after.slice(0, 3)).toEqual(before.slice(0, 3));
    for (const at of [0, 1, 2]) expect(after[at]).toBe(before[at]);
    expect(after.at(-1)).toBe(before.at(-1));
  });
});
