import { HubbubClient } from '@hubbub/client';
import { startGateway, type TestGateway } from '@hubbub/testing';
import { effect } from '@preact/signals';
import { WebSocket } from 'ws';
import type { Target } from '../state/target.js';
import { Conversation } from './conversation.js';
import { KeptTexts, type TabStorage } from './kept-texts.js';

/** Conversations of people who are connected to a real gateway. */

let gateway: TestGateway;
let ends: (() => void)[];

beforeAll(async () => {
  gateway = await startGateway();
  const owner = await gateway.connect('owner');
  for (const room_id of ['lobby', 'long', 'gone', 'marked', 'reload']) {
    await owner.command('create_room', { room_id, max_clients: 0 });
  }
});
afterAll(() => gateway.close());
beforeEach(() => {
  ends = [];
});
afterEach(() => {
  for (const end of ends.toReversed()) end();
});

const ROOM = (id: string): Target => ({ kind: 'room', id });

/** @param written before the conversation is open */
async function talk(user: string, target: Target, storage: TabStorage | null = null, ...written: string[]) {
  const client = new HubbubClient({ url: gateway.ws, token: gateway.token(user), WebSocket });
  await client.connect();
  const me = { userId: user, username: user, state: () => ({ status: 'online' }) };
  const conversation = new Conversation(client, target, me, { texts: new KeptTexts(`${user} x`, storage) });
  conversation.active = true;
  ends.push(() => {
    conversation.dispose();
    client.close();
  });
  for (const text of written) conversation.send(text);
  await conversation.open();
  return { client, conversation };
}

/** Texts as they are shown, with how one's own stand, and the marks between them. */
function shown({ entries }: Conversation): string[] {
  return entries.value
    .filter(({ type }) => type !== 'day')
    .map((entry) => {
      if (entry.type !== 'message') return `(${entry.type})`;
      const { message, delivery } = entry;
      const text = message.redacted ? '(redacted)' : (message.content as { text: string }).text;
      return delivery ? `${text} ${delivery.state}` : text;
    });
}

/** Resolves once `isTrue` is, which reads signals. */
function until(isTrue: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    let stop = () => {};
    let isDone = false;
    stop = effect(() => {
      if (!isTrue() || isDone) return;
      isDone = true;
      resolve();
      queueMicrotask(() => stop());
    });
  });
}

describe('a conversation in a room', () => {
  it('shows what all write, in one order, and how one’s own messages stand', async () => {
    const { conversation: ann } = await talk('ann', ROOM('lobby'));
    const { conversation: bob } = await talk('bob', ROOM('lobby'));
    ann.send('one');
    await until(() => shown(ann).includes('one stored'));
    await until(() => shown(bob).includes('one'));
    bob.send('two');
    bob.send('three');
    await until(() => shown(ann).length === 3 && shown(bob).includes('three stored'));
    expect(shown(ann)).toEqual(['one stored', 'two', 'three']);
    expect(shown(bob)).toEqual(['one', 'two stored', 'three stored']);
    // Who came is told a moment later than what he wrote.
    await until(() => ann.members.value.length > 1);
    expect(ann.members.value.map(({ user_id }) => user_id)).toEqual(['ann', 'bob']);
    expect(ann.memberCount.value).toBe(2);
  });

  it('tells the others that somebody types, and that he stopped', async () => {
    const { conversation: ann } = await talk('ann', ROOM('lobby'));
    const { conversation: bob } = await talk('bob', ROOM('lobby'));
    bob.setTyping();
    await until(() => ann.typing.value.includes('bob'));
    expect(ann.members.value.find(({ user_id }) => user_id === 'bob')?.state).toMatchObject({ status: 'online' });
    bob.send('done');
    await until(() => ann.typing.value.length === 0);
  });

  it('takes away for all what is redacted', async () => {
    const { conversation: ann } = await talk('ann', ROOM('lobby'));
    const { conversation: bob } = await talk('bob', ROOM('lobby'));
    bob.send('a slip');
    await until(() => shown(ann).includes('a slip'));
    const entry = bob.entries.value.findLast(({ type }) => type === 'message');
    await bob.redact((entry?.type === 'message' && entry.message.seq) as number);
    await until(() => shown(ann).at(-1) === '(redacted)');
    expect(shown(bob).at(-1)).toBe('(redacted) stored');
    await expect(ann.redact(1_000_000)).rejects.toMatchObject({ name: 'Forbidden' });
  });

  it('reads the history up and down in pages, within bounds, and misses nothing', async () => {
    const writer = await talk('ann', ROOM('long'));
    const total = 620;
    const sent = Array.from({ length: total }, (_, index) =>
      writer.client.room('long').send({ text: `m${index + 1}` }),
    );
    await Promise.all(sent);
    const { conversation: bob } = await talk('bob', ROOM('long'));
    await until(() => shown(bob).length === 50);
    expect(shown(bob)).toEqual(Array.from({ length: 50 }, (_, index) => `m${total - 49 + index}`));
    const seen = new Set(shown(bob));
    bob.follow(false);
    while (bob.hasOlder.value) {
      await bob.loadOlder();
      for (const text of shown(bob)) seen.add(text);
      expect(shown(bob).length).toBeLessThanOrEqual(400);
    }
    expect(seen.size).toBe(total);
    expect(shown(bob)[0]).toBe('m1');
    writer.conversation.send('the last');
    await until(() => bob.missedBelow.value === 1);
    expect(bob.hasNewer.value).toBe(true);
    while (bob.hasNewer.value) await bob.loadNewer();
    expect(shown(bob).at(-1)).toBe('the last');
    expect(new Set(shown(bob)).size).toBe(shown(bob).length);
  });

  it('draws a line above what came while it was not on the screen, and tells what was read', async () => {
    const { conversation: ann } = await talk('ann', ROOM('marked'));
    const { conversation: bob } = await talk('bob', ROOM('marked'));
    const tablet = await gateway.connect('ann');
    bob.send('seen');
    await tablet.next('marked_read', ({ seq }) => seq === 1);
    ann.active = false;
    bob.send('not seen');
    await until(() => ann.unread.value === 1);
    const phone = await talk('ann', ROOM('marked'));
    await until(() => shown(phone.conversation).includes('(unread)'));
    expect(shown(phone.conversation)).toEqual(['seen', '(unread)', 'not seen']);
    // The view has gone to the line, and the end is in sight.
    phone.conversation.follow(true);
    await tablet.next('marked_read', ({ seq }) => seq === 2);
    await until(() => ann.unread.value === 0);
    expect(shown(phone.conversation)).toContain('(unread)');
  });

  it('says why it ended, and can be opened again', async () => {
    const { conversation: bob } = await talk('bob', ROOM('gone'));
    const owner = await gateway.connect('owner');
    await owner.command('kick_member', { room_id: 'gone', user_id: 'bob' });
    await until(() => bob.ended.value !== null);
    expect(bob.ended.value).toEqual({ reason: 'kicked' });
    await bob.open();
    expect(bob.ended.value).toBeNull();
    const { conversation: none } = await talk('bob', ROOM('nowhere'));
    expect(none.ended.value).toMatchObject({ reason: 'refused', error: { name: 'RoomNotFound' } });
  });

  it('keeps a message that was refused, to be tried again or discarded', async () => {
    const { conversation: bob, client } = await talk('bob', ROOM('gone'));
    await client.room('gone').leave();
    bob.send('too late');
    await until(() => shown(bob).includes('too late failed'));
    const failed = bob.entries.value.find((entry) => entry.type === 'message' && entry.delivery?.state === 'failed');
    const key = failed?.key as string;
    await bob.open();
    bob.retry(key);
    await until(() => shown(bob).includes('too late stored'));
    expect(shown(bob).filter((text) => text.startsWith('too late'))).toHaveLength(1);
  });

  it('sends after a reload what was on its way to the outbox, once, and before what is written next', async () => {
    const items = new Map<string, string>();
    const storage: TabStorage = {
      getItem: (name) => items.get(name) ?? null,
      setItem: (name, text) => items.set(name, text),
      removeItem: (name) => items.delete(name),
    };
    // As a page that ended right after Enter leaves it: one was stored, of the other nobody has heard.
    const first = await talk('ann', ROOM('reload'));
    await first.client.room('reload').send({ text: 'stored' }, { idempotencyKey: 'k1' });
    const handed = (key: string, text: string) => ({ key, text, at: Date.now() });
    storage.setItem('hubbub:handed:ann x', JSON.stringify([handed('k1', 'stored'), handed('k2', 'unheard')]));
    const { conversation: again } = await talk('ann', ROOM('reload'), storage, 'next');
    await until(() => shown(again).includes('unheard stored') && shown(again).includes('next stored'));
    const { messages } = await first.client.room('reload').history();
    expect(messages.map(({ content }) => content)).toEqual([{ text: 'stored' }, { text: 'unheard' }, { text: 'next' }]);
    await until(() =>
      again.entries.value.every((entry) => entry.type !== 'message' || entry.delivery?.state === 'stored'),
    );
    expect(items.size).toBe(0);
  });

  it('knows what is larger than the gateway takes before it is sent', async () => {
    const { conversation } = await talk('bob', ROOM('lobby'));
    expect(conversation.excess('short')).toBeLessThan(0);
    const fits = '中'.repeat(Math.floor(-conversation.excess('') / 3));
    expect(conversation.excess(fits)).toBeLessThanOrEqual(0);
    expect(conversation.excess(`${fits}中`)).toBeGreaterThan(0);
    conversation.send(fits);
    await until(() => shown(conversation).includes(`${fits} stored`));
  });
});

describe('a conversation with one person', () => {
  it('shows what both wrote, and nothing of others', async () => {
    const { conversation: ann } = await talk('ann', { kind: 'direct', id: 'bob' });
    const { conversation: bob } = await talk('bob', { kind: 'direct', id: 'ann' });
    const { conversation: eve } = await talk('eve', { kind: 'direct', id: 'ann' });
    ann.send('for bob');
    eve.send('from eve');
    await until(() => shown(bob).includes('for bob') && shown(eve).includes('from eve stored'));
    bob.send('for ann');
    await until(() => shown(ann).includes('for ann'));
    expect(shown(ann)).toEqual(['for bob stored', 'for ann']);
    expect(shown(bob)).toEqual(['for bob', 'for ann stored']);
    const { conversation: later } = await talk('bob', { kind: 'direct', id: 'ann' });
    await until(() => shown(later).length === 2);
    expect(shown(later)).toEqual(['for bob', 'for ann stored']);
  });
});
