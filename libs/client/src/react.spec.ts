import './testing/dom.js';
import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';
import { createElement, type ReactNode, StrictMode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import type { HubbubClient } from './index.js';
import {
  HubbubProvider,
  type UsedDirectMessages,
  type UsedRoom,
  useClientState,
  useDirectMessages,
  useHubbub,
  useRoom,
} from './react.js';
import { newRoot } from './testing/dom.js';
import { until } from './testing/harness.js';

let gateway: TestGateway;
let client: HubbubClient;
let owner: TestClient;
let root: Root;
let shown: ReturnType<typeof newRoot>;

beforeAll(async () => {
  gateway = await startGateway({ presence: { coalesceMs: 1 } });
  owner = await gateway.connect('owner');
  for (const room_id of ['lobby', 'den']) await owner.command('create_room', { room_id });
  await owner.command('join_room', { room_id: 'lobby' });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  client = await gateway.client('alice');
  shown = newRoot();
  root = createRoot(shown);
});
afterEach(() => {
  root.unmount();
  client.close();
});

const render = (children: ReactNode) =>
  root.render(createElement(StrictMode, null, createElement(HubbubProvider, { client, children })));

const expectShown = (text: string) => until(() => shown.textContent.includes(text));

let room: UsedRoom;
function Chat({ id }: { id: string }): ReactNode {
  room = useRoom(useHubbub(), id, { history: 2 });
  const { state } = useClientState(useHubbub());
  const lines = room.messages.map(
    ({ sender_id, content, redacted }) => `${sender_id}: ${redacted ? '–' : String(content)}`,
  );
  const names = room.members.map(({ user_id }) => user_id).sort();
  return `${state} ${room.state} ${room.reason ?? ''} ${room.memberCount} [${names.join(' ')}] ${lines.join('; ')} +${room.sending.length}`;
}

describe('useRoom', () => {
  it('joins once, however often it is mounted, shows what is said, and leaves after the last', async () => {
    for (const content of ['a', 'b', 'c']) await owner.command('room_message', { room_id: 'lobby', content });
    const joined: unknown[] = [];
    client.room('lobby').on('joined', (event) => joined.push(event));
    render([createElement(Chat, { id: 'lobby', key: 1 }), createElement(Chat, { id: 'lobby', key: 2 })]);
    await expectShown('open joined  2 [alice owner] owner: b; owner: c +0');
    await room.send('mine');
    await owner.command('room_message', { room_id: 'lobby', content: 'yours' });
    await expectShown('owner: c; alice: mine; owner: yours +0');
    expect([room.hasOlder, joined.length]).toEqual([true, 1]);
    await room.loadOlder();
    await expectShown('owner: a; owner: b; owner: c; alice: mine; owner: yours +0');
    expect(room.hasOlder).toBe(false);
    await owner.command('redact_message', { room_id: 'lobby', seq: 1 });
    await expectShown('owner: –; owner: b');
    const bob = await gateway.enter('bob', 'lobby');
    await expectShown('3 [alice bob owner]');
    await bob.close();
    await expectShown('2 [alice owner]');

    render(createElement(Chat, { id: 'lobby', key: 1 }));
    expect(client.room('lobby').isJoined).toBe(true);
    render(null);
    await until(() => client.room('lobby').isOut);
    await owner.next('presence', ({ left }) => left.some(({ user_id }) => user_id === 'alice'));
  });

  it('goes on in another room with another id, and says when that one is no more', async () => {
    render(createElement(Chat, { id: 'lobby' }));
    await expectShown('open joined');
    const before = { ...room };
    render(createElement(Chat, { id: 'den' }));
    await expectShown('joined  1 [alice]  +0');
    expect(room.send).not.toBe(before.send);
    await until(() => client.room('lobby').isOut);
    await owner.command('delete_room', { room_id: 'den' });
    await expectShown('left deleted');
    await owner.command('create_room', { room_id: 'den' });
  });

  it('says what a join was refused with, and leaves a room of the application to the application', async () => {
    render(createElement(Chat, { id: 'nowhere' }));
    await expectShown('left refused');
    expect(room.error?.name).toBe('RoomNotFound');
    await client.join('den');
    await client.room('den').send('before');
    render(createElement(Chat, { id: 'den' }));
    await expectShown('joined  1 [alice] alice: before');
    render(null);
    await until(() => shown.textContent === '');
    await client.command('ping', {});
    expect(client.room('den').isJoined).toBe(true);
  });
});

describe('useDirectMessages', () => {
  it('shows the messages with one user, of both sides', async () => {
    const bob = await gateway.connect('bob');
    await bob.command('direct_message', { target_id: 'alice', content: 'before' });
    let used: UsedDirectMessages | undefined;
    const Direct = () => {
      used = useDirectMessages(useHubbub(), 'bob');
      return used.messages.map(({ sender_id, content }) => `${sender_id}: ${String(content)}`).join('; ');
    };
    render(createElement(Direct));
    await expectShown('bob: before');
    await used?.send('hello');
    await owner.command('direct_message', { target_id: 'alice', content: 'not bob' });
    await bob.command('direct_message', { target_id: 'alice', content: 'after' });
    await expectShown('bob: before; alice: hello; bob: after');
  });
});

describe('useHubbub', () => {
  it('says what is missing where there is no provider', async () => {
    const failed = new Promise<unknown>((resolve) => {
      createRoot(newRoot(), { onUncaughtError: resolve }).render(createElement(() => useHubbub().state));
    });
    expect(String(await failed)).toContain('outside of a HubbubProvider');
  });
});
