import './testing/dom.js';
import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';
import { type App, createApp, defineComponent, h, ref } from 'vue';
import type { HubbubClient } from './index.js';
import { newRoot } from './testing/dom.js';
import { until } from './testing/harness.js';
import { type UsedDirectMessages, type UsedRoom, useClientState, useDirectMessages, useRoom } from './vue.js';

let gateway: TestGateway;
let client: HubbubClient;
let owner: TestClient;
let app: App | undefined;
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
});
afterEach(() => {
  app?.unmount();
  app = undefined;
  client.close();
});

function mount(setup: () => () => string): void {
  app = createApp(
    defineComponent({
      setup: () => {
        const text = setup();
        return () => h('p', text());
      },
    }),
  );
  app.mount(shown);
}
const expectShown = (text: string) => until(() => shown.textContent.includes(text));

describe('useRoom', () => {
  it('joins, shows what is said, goes on in another room with another id, and leaves at the end', async () => {
    await owner.command('room_message', { room_id: 'lobby', content: 'a' });
    const id = ref('lobby');
    let room: UsedRoom | undefined;
    mount(() => {
      const { state } = useClientState(client);
      const used = useRoom(client, id);
      room = used;
      return () => {
        const lines = used.messages.value.map(({ sender_id, content }) => `${sender_id}: ${String(content)}`);
        return `${state.value} ${used.state.value} ${used.memberCount.value} ${lines.join('; ')}`;
      };
    });
    await expectShown('open joined 2 owner: a');
    await room?.send('mine');
    await expectShown('owner: a; alice: mine');
    id.value = 'den';
    await until(() => client.room('lobby').isOut);
    await expectShown('open joined 1 ');
    await room?.send('here');
    await expectShown('joined 1 alice: here');
    app?.unmount();
    app = undefined;
    await until(() => client.room('den').isOut);
  });
});

describe('useDirectMessages', () => {
  it('shows the messages with one user, of both sides', async () => {
    const bob = await gateway.connect('bob');
    await bob.command('direct_message', { target_id: 'alice', content: 'before' });
    let used: UsedDirectMessages | undefined;
    mount(() => {
      const direct = useDirectMessages(client, 'bob');
      used = direct;
      return () => direct.messages.value.map(({ sender_id, content }) => `${sender_id}: ${String(content)}`).join('; ');
    });
    await expectShown('bob: before');
    await used?.send('hello');
    await bob.command('direct_message', { target_id: 'alice', content: 'after' });
    await expectShown('bob: before; alice: hello; bob: after');
  });
});
