import { startGateway, type TestGateway } from '@hubbub/testing';
import type { HubbubClient } from '../index.js';
import { until } from '../testing/harness.js';
import { seededRandom } from '../testing/seeded-random.js';
import { type BareTab, Browser, connectionsOf } from '../testing/tabs.js';

let gateway: TestGateway;
let browser: Browser;
let room: string;
let rooms = 0;

beforeAll(async () => {
  gateway = await startGateway({ presence: { coalesceMs: 1 } });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  browser = await Browser.start(gateway);
  room = `room${++rooms}`;
  const owner = await gateway.connect('owner');
  await owner.command('create_room', { room_id: room });
  await owner.close();
});
afterEach(async () => {
  await browser.close();
  await gateway.closeClients();
});

const contents = (tab: BareTab) =>
  tab.pushes('room_message').map((message) => (message as { content: unknown }).content);
const join = (tab: BareTab, data: object = {}) => tab.ask('join_room', { room_id: room, ...data });
const say = (tab: BareTab, content: unknown, more: object = {}) =>
  tab.ask('room_message', { room_id: room, content, ...more });
/** Everything that was pushed to a tab before this came. */
const settled = (tab: BareTab) => tab.ask('ping');

async function inRoom(count: number, user = 'alice'): Promise<BareTab[]> {
  const tabs: BareTab[] = [];
  for (let n = 0; n < count; n++) {
    const tab = await browser.bareTab(user);
    await join(tab);
    tabs.push(tab);
  }
  return tabs;
}

describe('tabs of one user', () => {
  it('share one connection; each has its own answers and hears of what the others post, as other connections would', async () => {
    const [one, two, three] = (await inRoom(3)) as [BareTab, BareTab, BareTab];
    expect(await connectionsOf(gateway, 'alice')).toBe(1);
    const posted = [await say(one, 'a'), await say(two, 'b'), await say(one, 'whisper', { ephemeral: true })];
    expect(posted.map(({ message_type }) => message_type)).toEqual(Array(3).fill('room_message_sent'));
    const bob = await gateway.enter('bob', room);
    await bob.command('room_message', { room_id: room, content: 'c' });
    for (const tab of [one, two, three]) await tab.next(({ data }) => data?.content === 'c');
    expect([one, two, three].map(contents)).toEqual([
      ['b', 'c'],
      ['a', 'whisper', 'c'],
      ['a', 'b', 'whisper', 'c'],
    ]);
    const [message] = three.pushes('room_message') as Record<string, unknown>[];
    expect(message).toEqual({
      room_id: room,
      epoch: posted[0]?.data.epoch,
      seq: 1,
      sender_id: 'alice',
      sender_name: 'alice',
      content: 'a',
      timestamp: posted[0]?.data.timestamp,
    });
  });

  it('a repeat with the same key is no second message for the others', async () => {
    const [one, two] = (await inRoom(2)) as [BareTab, BareTab];
    await say(one, 'once', { idempotency_key: 'k' });
    expect((await say(two, 'once', { idempotency_key: 'k' })).data).toMatchObject({ seq: 1, duplicate: true });
    await Promise.all([settled(one), settled(two)]);
    expect([contents(one), contents(two)]).toEqual([[], ['once']]);
  });

  it('may use the same ids, numbers and strings, at the same time', async () => {
    const [one, two] = (await inRoom(2)) as [BareTab, BareTab];
    const answers = await Promise.all([
      one.ask('ping', { ts: 1 }, 7),
      two.ask('ping', { ts: 2 }, 7),
      one.ask('ping', { ts: 3 }, '7'),
    ]);
    expect(answers.map(({ request_id, data }) => [request_id, data.ts])).toEqual([
      [7, 1],
      [7, 2],
      ['7', 3],
    ]);
    one.say('ping', { ts: 4 });
    expect(await one.next(({ data }) => data?.ts === 4)).not.toHaveProperty('request_id');
    one.post({ type: 'frame', text: 'no JSON' });
    expect((await one.push('error')).data.name).toBe('InvalidFormat');
    expect(two.pushes('error')).toEqual([]);
  });

  it('are each told of the room they enter, with what came before and nothing twice', async () => {
    const [one] = (await inRoom(1)) as [BareTab];
    await say(one, 'a');
    await say(one, 'b');
    const { data: first } = await say(one, 'c');
    const two = await browser.bareTab('alice');
    const [{ data: joined }] = await Promise.all([join(two, { history: 2 }), say(one, 'd')]);
    expect(joined).toMatchObject({
      status: 'joined',
      epoch: first.epoch,
      recovered: false,
      missed: 0,
      member_count: 1,
    });
    expect(joined.room).toMatchObject({ id: room, member_count: 1 });
    expect(joined.members.map((member: { user_id: string }) => member.user_id)).toEqual(['alice']);
    await say(one, 'e');
    await settled(two);
    const told = joined.messages.map((message: { content: unknown }) => message.content);
    expect(told).toHaveLength(2);
    expect([...told, ...contents(two)].join('')).toMatch(/^(bcde|cde)$/);
    expect(joined.messages.at(-1)).toMatchObject({ seq: joined.seq, historic: true });

    const three = await browser.bareTab('alice');
    const { data: resumed } = await join(three, { since: { epoch: first.epoch, seq: 1 }, history: 0 });
    expect(resumed).toMatchObject({ recovered: true, missed: 4, seq: 5 });
    expect(resumed.messages.map((message: { content: unknown }) => message.content)).toEqual(['b', 'c', 'd', 'e']);
    const four = await browser.bareTab('alice');
    const { data: strange } = await join(four, { since: { epoch: 'other', seq: 1 }, history: 1 });
    expect(strange).toMatchObject({ recovered: false, missed: 0 });
    expect(strange.messages).toHaveLength(1);
  });

  it('that was away for longer than the server would bring back is told so, with the latest messages', async () => {
    const [one] = (await inRoom(1)) as [BareTab];
    const { data } = await say(one, 'first');
    for (let n = 0; n < 10; n++) await Promise.all(Array.from({ length: 101 }, (_, i) => say(one, n * 101 + i)));
    const two = await browser.bareTab('alice');
    const { data: joined } = await join(two, { since: { epoch: data.epoch, seq: 1 }, history: 3 });
    expect(joined).toMatchObject({ recovered: false, missed: 1010, seq: 1011 });
    expect(joined.messages.map(({ seq }: { seq: number }) => seq)).toEqual([1009, 1010, 1011]);
    const three = await browser.bareTab('alice');
    const { data: near } = await join(three, { since: { epoch: data.epoch, seq: 500 } });
    expect(near).toMatchObject({ recovered: true, missed: 511 });
    expect(near.messages).toHaveLength(511);
  });

  it('enter one room at the same moment, and each by itself only once', async () => {
    const tabs = await Promise.all([1, 2, 3].map(() => browser.bareTab('alice')));
    const answers = await Promise.all([...tabs, tabs[0] as BareTab].map((tab) => join(tab)));
    expect(answers.map(({ message_type }) => message_type)).toEqual([...Array(3).fill('room_joined'), 'error']);
    expect(answers[3]?.data.name).toBe('AlreadyInRoom');
    expect((await join(tabs[1] as BareTab, { history: 1000 })).data.name).toBe('AlreadyInRoom');
    const stranger = await browser.bareTab('alice');
    expect((await join(stranger, { history: 1000 })).data.name).toBe('InvalidFormat');
    expect((await say(stranger, 'not in')).data.name).toBe('NotInRoom');
    expect((await stranger.ask('leave_room', { room_id: room })).data.name).toBe('NotInRoom');
    expect((await stranger.ask('join_room', { room_id: 'nowhere' })).data.name).toBe('RoomNotFound');
  });

  it('leave for themselves: the user is in the room until the last of them is gone', async () => {
    const bob = await gateway.enter('bob', room);
    const [one, two, three] = (await inRoom(3)) as [BareTab, BareTab, BareTab];
    expect((await one.ask('leave_room', { room_id: room })).data).toEqual({ room_id: room, status: 'left' });
    two.close();
    await bob.command('room_message', { room_id: room, content: 'still there?' });
    await three.next(({ data }) => data?.content === 'still there?');
    await settled(one);
    expect(contents(one)).toEqual([]);
    await join(one);
    await three.ask('leave_room', { room_id: room });
    await one.ask('leave_room', { room_id: room });
    expect(await bob.next('presence', ({ left }) => left.length > 0)).toMatchObject({ left: [{ user_id: 'alice' }] });
    // And back again, as if it had never been.
    expect((await join(three)).data.seq).toBe(1);
  });

  it('are all out when the user is kicked, banned, taken out, or the room deleted', async () => {
    const owner = await gateway.connect('owner');
    const [one, two] = (await inRoom(2)) as [BareTab, BareTab];
    const outside = await browser.bareTab('alice');
    await owner.command('kick_member', { room_id: room, user_id: 'alice' });
    for (const tab of [one, two, outside]) await tab.push('member_kicked');
    expect((await say(one, 'x')).data.name).toBe('NotInRoom');
    // In again, for one; the other has to come itself.
    await join(one);
    expect((await say(two, 'x')).data.name).toBe('NotInRoom');
    await join(two);
    const token = gateway.token('desk', { permissions: ['admin:system'] });
    const command = (name: string, body: object) => gateway.fetch('POST', `/api/commands/${name}`, { token, body });
    await command('leave_user', { room_id: room, user_id: 'alice' });
    for (const tab of [one, two]) await tab.push('room_left');
    expect(outside.pushes('room_left')).toEqual([]);
    await command('join_user', { room_id: room, user_id: 'alice' });
    for (const tab of [one, two, outside]) await tab.push('room_joined');
    expect((await say(outside, 'let in')).message_type).toBe('room_message_sent');
    await owner.command('delete_room', { room_id: room });
    for (const tab of [one, two, outside]) await tab.push('room_deleted');
    expect((await join(one)).data.name).toBe('RoomNotFound');
  });

  it('hear of direct messages and read markers of one another, and late ones begin where the inbox is', async () => {
    const one = await browser.bareTab('alice');
    const two = await browser.bareTab('alice');
    const before = one.frames[0]?.data.inbox_seq;
    await one.ask('direct_message', { target_id: 'bob', content: 'psst', idempotency_key: 'dm' });
    await one.ask('direct_message', { target_id: 'bob', content: 'psst', idempotency_key: 'dm' });
    expect((await two.push('direct_message')).data).toMatchObject({
      sender_id: 'alice',
      target_id: 'bob',
      content: 'psst',
      seq: before + 1,
    });
    const bob = await gateway.connect('bob');
    await bob.command('direct_message', { target_id: 'alice', content: 'what?' });
    for (const tab of [one, two]) await tab.next(({ data }) => data?.content === 'what?');
    expect(two.pushes('direct_message')).toHaveLength(2);
    expect(one.pushes('direct_message')).toHaveLength(1);
    const three = await browser.bareTab('alice');
    expect(three.frames[0]?.data.inbox_seq).toBe(before + 2);
    await one.ask('mark_read', { peer_id: 'bob', seq: before + 2 });
    for (const tab of [two, three]) {
      expect((await tab.push('marked_read')).data).toMatchObject({ peer_id: 'bob', seq: before + 2, unread: 0 });
    }
    expect(one.pushes('marked_read')).toEqual([]);
  });

  it('watch who is online each for itself', async () => {
    const [one, two] = [await browser.bareTab('alice'), await browser.bareTab('alice')];
    await one.ask('watch_online', { enabled: true });
    await two.ask('watch_online', { enabled: true });
    expect((await two.ask('watch_online', { enabled: false })).message_type).toBe('online');
    await gateway.connect('carol');
    await one.push('online');
    await settled(two);
    expect(two.pushes('online')).toEqual([]);
  });

  it('end each for itself, with `close` and with a frame that is too large; the connection ends with the last', async () => {
    const [one, two] = (await inRoom(2)) as [BareTab, BareTab];
    one.say('ping', { ts: 1 });
    one.say('close');
    expect(await one.ended()).toEqual({ code: 1000 });
    expect(one.frames.at(-1)?.data.ts).toBe(1);
    const three = await browser.bareTab('alice');
    const most = three.frames[0]?.data.max_message_bytes;
    const fitting = JSON.stringify({ message_type: 'ping', message_id: 1, data: { text: '' } }).length;
    expect((await three.ask('ping', { text: 'x'.repeat(most - fitting) }, 1)).message_type).toBe('pong');
    three.say('ping', { text: 'x'.repeat(most + 100) }, 2);
    expect(await three.ended()).toEqual({ code: 1009 });
    expect(three.frames.at(-1)?.data.name).toBe('MessageTooLarge');
    expect((await say(two, 'still here')).data.seq).toBe(1);
    two.close();
    await until(() => browser.hub.size === 0);
    while ((await connectionsOf(gateway, 'alice')) > 0);
  });

  it('that takes nothing more is closed, and the others go on', async () => {
    const [one, two] = (await inRoom(2)) as [BareTab, BareTab];
    two.isFrozen = true;
    const text = 'x'.repeat(60_000);
    for (let n = 0; n < 100 && two.closed === null; n++) await say(one, text);
    expect(await two.ended()).toEqual({ code: 4001 });
    expect((await say(one, 'on')).message_type).toBe('room_message_sent');
  });
});

describe('whose connection it is', () => {
  it('another user, and one who may do other things, have another; without a readable token it is not shared', async () => {
    const [one, two] = [await browser.bareTab('alice'), await browser.bareTab('bob')];
    const three = await browser.bareTab('alice', { permissions: ['read:message'] });
    expect([one, two, three].map(({ frames }) => frames[0]?.data.user_id)).toEqual(['alice', 'bob', 'alice']);
    expect([browser.hub.size, await connectionsOf(gateway, 'alice')]).toEqual([3, 2]);
    expect((await three.ask('create_room', {})).data.name).toBe('Forbidden');
    await expect(browser.bareTab('', { token: 'opaque' })).rejects.toThrow('closed with 4000');
  });

  it('a token that lasts longer renews it for all, whoever brings it; one that is worth nothing opens nothing', async () => {
    const at = (s: number) => ({ claims: { exp: Math.floor(Date.now() / 1000) + s } });
    const one = await browser.bareTab('alice', at(1000));
    const first = one.frames[0]?.data;
    const two = await browser.bareTab('alice', at(2000));
    expect(two.frames[0]?.data).toMatchObject({ expires_at: first.expires_at + 1_000_000 });
    expect(two.frames[0]?.data.connection_id).not.toBe(first.connection_id);
    const renewed = await one.ask('authenticate', { token: gateway.token('alice', at(3000)) });
    expect(renewed.data).toMatchObject({
      connection_id: first.connection_id,
      expires_at: first.expires_at + 2_000_000,
    });
    const three = await browser.bareTab('alice', at(10));
    expect(three.frames[0]?.data.expires_at).toBe(first.expires_at + 2_000_000);
    expect((await one.ask('authenticate', { token: gateway.token('bob') })).data.name).toBe('Forbidden');
    const forged = `${gateway.token('alice', at(9000)).slice(0, -4)}AAAA`;
    await expect(browser.bareTab('alice', { token: forged })).rejects.toThrow('closed with 1006');
    expect(await connectionsOf(gateway, 'alice')).toBe(1);
  });

  it('who may join and not read has a connection of his own in the second tab', async () => {
    const permissions = ['join:room'];
    const one = await browser.bareTab('dave', { permissions });
    expect((await join(one)).message_type).toBe('room_joined');
    const two = await browser.bareTab('dave', { permissions });
    two.say('join_room', { room_id: room }, 1);
    expect(await two.ended()).toEqual({ code: 4000, alone: true });
  });

  it('all end with the code that the connection ended with', async () => {
    const tabs = await inRoom(2, 'eve');
    const token = gateway.token('operator', { permissions: ['admin:system'] });
    await gateway.fetch('DELETE', '/api/users/eve/sessions', { token });
    expect(await Promise.all(tabs.map((tab) => tab.ended()))).toEqual([{ code: 4502 }, { code: 4502 }]);
    await expect(browser.bareTab('eve')).rejects.toThrow('closed with 1006');
  });
});

describe('the client over a shared connection', () => {
  function record(client: HubbubClient): string[] {
    const seen: string[] = [];
    client.on('room_message', ({ seq, content }) => seen.push(`${seq} ${String(content)}`));
    return seen;
  }

  it.each([1, 2, 3])(
    'brings every tab every message once, in order, while the connection breaks and tabs come and go (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const lost: unknown[] = [];
      const come = async () => {
        const client = await browser.tab('alice');
        const seen = record(client);
        client.on('lost', (event) => lost.push(event));
        const joined = await client.join(room, { history: 0 });
        return { client, seen, joined };
      };
      const tabs = [await come(), await come(), await come()];
      const bob = await gateway.client('bob');
      const [there, all] = [await bob.join(room), record(bob)];
      const sends: Promise<unknown>[] = [];
      let passing = await come();
      for (let n = 0; n < 60; n++) {
        for (const [index, { joined }] of tabs.entries())
          if (random() < 0.5) sends.push(joined.send(`tab${index} ${n}`));
        if (random() < 0.5) sends.push(there.send(`bob ${n}`));
        if (random() < 0.1) browser.relay.breakAll();
        if (random() < 0.1) {
          passing.client.close();
          passing = await come();
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(sends);
      await until(() => [all, ...tabs.map(({ seen }) => seen)].every((seen) => seen.length >= sends.length));
      for (const { seen } of tabs) expect(seen).toEqual(all);
      expect(all.map((line) => Number(line.split(' ')[0]))).toEqual(sends.map((_, index) => index + 1));
      await there.send('the end');
      await until(() => passing.seen.at(-1)?.endsWith('the end') === true);
      expect(passing.seen).toEqual(all.slice(-passing.seen.length));
      expect(lost).toEqual([]);
      expect(browser.hub.size).toBe(1);
    },
  );
});
