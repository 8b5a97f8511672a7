import { setTimeout as after } from 'node:timers/promises';
import type { HubbubClient, Room } from '@hubbub/client';
import { Metrics } from '@hubbub/hubbub';
import { startGateway, type TestGateway, virtualClock } from '@hubbub/testing';
import { Injectable } from '@nestjs/common';
import { expectShown } from '../testing/page.js';
import { ArenaGateway } from './arena.gateway.js';
import { Assistant, AssistantGateway } from './assistant.gateway.js';
import { Policies } from './policies.js';

/** docs/recipes.md: what happens in rooms. */

const FOLDER = 'libs/testing/src/recipes';

/** Stands for a language model: a word at a time; of the prompt `forever` it has no end, and `break` breaks it. */
@Injectable()
class Words extends Assistant {
  ended = 0;

  async *complete(prompt: string, signal: AbortSignal) {
    try {
      for (const word of prompt.split(' ')) {
        if (word === 'break') throw new Error('the model has failed');
        if (word === 'forever') await after(2 ** 31 - 1, undefined, { signal, ref: false });
        yield `${word} `;
      }
    } finally {
      this.ended++;
    }
  }
}

let gateway: TestGateway;
let client: HubbubClient;
let room: Room;
beforeAll(async () => {
  gateway = await startGateway({
    presence: { graceMs: 0, coalesceMs: 1 },
    log: { level: 'fatal' },
    providers: [Policies, ArenaGateway, AssistantGateway, { provide: Assistant, useClass: Words }],
  });
  client = await gateway.client('alice');
  await client.command('create_room', { room_id: 'lobby' });
  room = await client.join('lobby');
});
afterEach(() => gateway.closeClients());
afterAll(() => gateway.close());

/** Resolves once `condition` holds; looked at with whatever the client is told. */
function until(condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (condition()) resolve();
    };
    for (const type of ['room_message', 'presence', 'marked_read', 'state'] as const) client.on(type, look);
    room.on('presence', look);
    room.on('room_message', look);
    look();
  });
}

it('shows who types', async () => {
  const typing = new Set<string>();
  room.on('presence', ({ joined, updated, left }) => {
    for (const { user_id, state } of [...joined, ...updated]) {
      if (state?.['typing'] === true) typing.add(user_id);
      else typing.delete(user_id);
    }
    for (const { user_id } of left) typing.delete(user_id);
  });
  const bob = await gateway.enter('bob', 'lobby');
  await bob.command('set_presence', { room_id: 'lobby', state: { typing: true } });
  await until(() => typing.has('bob'));
  const late = await gateway.connect('late');
  const { members } = await late.command('join_room', { room_id: 'lobby' });
  expect(members).toContainEqual(expect.objectContaining({ user_id: 'bob', state: { typing: true } }));
  await bob.vanish();
  await until(() => typing.size === 0);

  const isTyping = (whether: boolean) =>
    late.next('presence', ({ updated }) =>
      updated.some(({ user_id, state }) => user_id === 'alice' && (state?.['typing'] === true) === whether),
    );
  await client.command('set_presence', { room_id: room.id, state: { typing: true } }); // with the first key
  await isTyping(true);
  await client.command('set_presence', { room_id: room.id, state: {} });
  await isTyping(false);
});

describe('a language model', () => {
  const ask = (client: HubbubClient, prompt: string, onItem: (item: unknown) => void, signal: AbortSignal) =>
    client.command('ask_assistant', { room_id: room.id, prompt }, { onItem, signal });

  const stored = async () => (await room.history({ limit: 1 })).messages[0]?.content;

  it('answers to the whole room, at last in one message', async () => {
    type AnswerPart = { answer_id: string; at: number; token: string; text?: string };
    const answers = new Map<string, string>();
    room.on('room_message', ({ content }) => {
      const { answer_id: id, at, token, text } = content as AnswerPart;
      const shown = answers.get(id) ?? '';
      if (text !== undefined)
        answers.set(id, text); // the whole: whatever was missed
      else if (shown.length === at) answers.set(id, shown + token);
    });
    const bob = await gateway.enter('bob', 'lobby');
    const ids: string[] = [];
    for await (const { answer_id } of bob.items<{ answer_id: string }>('ask_assistant', {
      room_id: 'lobby',
      prompt: 'one two three',
    }))
      ids.push(answer_id);
    const [answer_id] = ids;
    await bob.next('room_message', ({ seq }) => seq !== undefined);
    const parts = bob.pushes('room_message').map(({ content, ephemeral = false }) => ({ content, ephemeral }));
    expect(parts).toEqual([
      { content: { answer_id, at: 0, token: 'one ' }, ephemeral: true },
      { content: { answer_id, at: 4, token: 'two ' }, ephemeral: true },
      { content: { answer_id, at: 8, token: 'three ' }, ephemeral: true },
      { content: { answer_id, text: 'one two three ', complete: true }, ephemeral: false },
    ]);
    await until(() => answers.get(answer_id ?? '') === 'one two three ');
    expect(await stored()).toEqual({ answer_id, text: 'one two three ', complete: true });
  });

  it.each(['stops it', 'goes'])('ends when who asked %s, and what was read stays', async (way) => {
    const model = gateway.app.get<Words>(Assistant, { strict: false });
    const ended = model.ended;
    const bob = await gateway.client('bob');
    await bob.join('lobby');
    const cid = await gateway.enter('cid', 'lobby');
    const button = new AbortController();
    let asked: Promise<unknown> = Promise.resolve();
    const started = new Promise((resolve) => {
      asked = ask(bob, 'so far forever', resolve, button.signal);
    });
    await cid.next('room_message', ({ content }) => (content as { token?: string }).token === 'far ');
    const { answer_id } = (await started) as { answer_id: string };
    if (way === 'goes') bob.close();
    else button.abort();
    await expect(asked).rejects.toMatchObject({ name: way === 'goes' ? 'Closed' : 'AbortError' });
    const { content } = await cid.next('room_message', ({ seq }) => seq !== undefined);
    expect(content).toEqual({ answer_id, text: 'so far ', complete: false });
    expect(model.ended).toBe(ended + 1);
  });

  it('fails for who asked, and what was read stays', async () => {
    const bob = await gateway.enter('bob', 'lobby');
    const breaks = async () => {
      for await (const _ of bob.items('ask_assistant', { room_id: 'lobby', prompt: 'so far break' }));
    };
    await expect(breaks()).rejects.toMatchObject({ name: 'Unknown' });
    expect(await stored()).toMatchObject({ text: 'so far ', complete: false });
  });
});

describe('a game', () => {
  interface Tick {
    readonly tick: number;
    readonly players: { readonly id: string; readonly x: number; readonly y: number }[];
  }

  it('tells its players what is, tick by tick', async () => {
    const bob = await gateway.connect('bob');
    await bob.command('join_room', { room_id: 'game.1' });
    const cid = await gateway.enter('cid', 'game.1');
    await bob.command('steer', { room_id: 'game.1', dx: 1, dy: -1 });
    const { connection_id: id } = await bob.next('connected');
    const moved = await cid.next<Tick>('tick', ({ players }) =>
      players.some((player) => player.id === id && player.x >= 3),
    );
    const me = moved.players.find((player) => player.id === id);
    expect(me?.y).toBe(-(me?.x ?? 0));
    expect(moved.players).toHaveLength(2);
    const numbers = cid.pushes<Tick>('tick').map(({ tick }) => tick);
    expect(numbers).toEqual(numbers.map((_, at) => (numbers[0] ?? 0) + at));
    await expect(bob.command('steer', { room_id: 'game.1', dx: 2, dy: 0 })).rejects.toMatchObject({ code: 1001 });
    await bob.close();
    await cid.next<Tick>('tick', ({ players }) => players.length === 1);
  });

  it('ticks twenty times a second', async () => {
    using clock = virtualClock();
    await using game = await startGateway({ providers: [Policies, ArenaGateway] });
    const bob = await game.enter('bob', 'game.1');
    const first = await bob.next<Tick>('tick');
    const from = Date.now();
    await clock.advance(2000);
    await bob.settle();
    const last = bob.pushes<Tick>('tick').at(-1);
    const ticks = (last?.tick ?? 0) - first.tick;
    expect(Math.abs(ticks - (Date.now() - from) / 50)).toBeLessThanOrEqual(2);
  });

  it('lets a slow reader miss ticks, and nothing else', async () => {
    const { dropped } = gateway.app.get(Metrics, { strict: false });
    const before = dropped.value;
    const arena = gateway.app.get(ArenaGateway, { strict: false });
    const bob = await gateway.connect('bob');
    await bob.command('join_room', { room_id: 'game.2' });
    const slow = await gateway.enter('slow', 'game.2');
    slow.socket.pause();
    for (let round = 0; dropped.value === before; round++) {
      if (round === 1000) throw new Error('the reader never fell behind');
      for (let n = 0; n < 500; n++) arena.tick();
      await bob.settle();
    }
    await bob.command('room_message', { room_id: 'game.2', content: 'bob has won' });
    slow.socket.resume();
    expect((await slow.next('room_message')).content).toBe('bob has won');
    expect(slow.pushes('tick').length).toBeLessThan(bob.pushes('tick').length);
    const numbers = bob.pushes<Tick>('tick').map(({ tick }) => tick);
    expect(numbers).toEqual(numbers.map((_, at) => (numbers[0] ?? 0) + at));
  });
});

it('counts what was not read', async () => {
  const unread = new Map<string, number>();
  async function count() {
    const { rooms } = await client.command('list_rooms', { joined: true, limit: 200 });
    for (const room of rooms) unread.set(room.id, room.unread ?? 0);
  }
  client.on('state', ({ state }) => {
    if (state === 'open') void count(); // also after a lost connection
  });
  client.on('room_message', ({ room_id, sender_id, historic }) => {
    if (!historic && sender_id !== client.session?.user_id) unread.set(room_id, (unread.get(room_id) ?? 0) + 1);
  });
  client.on('marked_read', ({ room_id, unread: left }) => {
    if (room_id !== undefined) unread.set(room_id, left); // on another device
  });
  const { unread: left } = await client.command('mark_read', { room_id: room.id, seq: room.position?.seq ?? 0 });
  unread.set(room.id, left);
  expect(left).toBe(0);

  const bob = await gateway.enter('bob', 'lobby');
  for (const content of ['a', 'b']) await bob.command('room_message', { room_id: 'lobby', content });
  await room.send('my own');
  await until(() => unread.get('lobby') === 2);
  await count();
  expect(unread.get('lobby')).toBe(2);
  const phone = await gateway.connect('alice');
  await phone.command('mark_read', { room_id: 'lobby', seq: room.position?.seq ?? 0 });
  await until(() => unread.get('lobby') === 0);
});

it('docs/recipes.md shows nothing that is not run', () => {
  const specs = ['access', 'rooms'].map((name) => `${FOLDER}/${name}.spec.ts`);
  expectShown('docs/recipes.md', specs, FOLDER);
});
