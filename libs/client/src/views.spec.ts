import { closeAll, newClient, reached, startServer, until } from './testing/harness.js';
import type { HostileServer } from './testing/hostile-server.js';
import { directView, roomView } from './views.js';

let server: HostileServer;
beforeEach(async () => {
  server = await startServer();
  server.members = [{ user_id: 'alice', username: 'alice', connections: 1, joined_at: 1 }];
});
afterEach(closeAll);

const nothing = () => {};
const turn = () => new Promise((resolve) => setTimeout(resolve));

describe('a room that is shown no more', () => {
  it('is left once what was written there is stored', async () => {
    const client = newClient(server);
    await client.connect();
    const view = roomView(client, 'lobby');
    const hide = view.subscribe(nothing);
    await until(() => view.get().state === 'joined');
    const offline = reached(client, 'offline');
    server.kill();
    await offline;
    const sent = view.send('written before it was left');
    hide();
    await turn();
    await sent;
    await until(() => client.room('lobby').isOut);
    expect(server.log('lobby')).toHaveLength(1);
  });

  it('and shown again before that is not left, but when it is hidden again', async () => {
    const client = newClient(server, { backoff: { baseMs: 1, maxMs: 1 } });
    await client.connect();
    const view = roomView(client, 'lobby');
    const hide = view.subscribe(nothing);
    await until(() => view.get().state === 'joined');
    server.intercept = ({ message_type }) => (message_type === 'room_message' ? 'lost' : undefined);
    const sent = view.send('a');
    hide();
    await turn();
    const hideAgain = view.subscribe(nothing);
    server.intercept = undefined;
    server.kill();
    await sent;
    await client.command('ping', {});
    expect(client.room('lobby').isJoined).toBe(true);
    hideAgain();
    await until(() => client.room('lobby').isOut);
  });
});

describe('direct messages that are shown', () => {
  it('before there is a connection are read once there is one', async () => {
    server.intercept = ({ message_type }) =>
      message_type === 'inbox'
        ? { type: 'inbox', data: { messages: server.inbox('alice'), epoch: 'e1', seq: 1, has_more: false } }
        : undefined;
    server.direct('bob', 'alice', 'before');
    const client = newClient(server, { timeoutMs: 5 });
    const view = directView(client, 'bob');
    const hide = view.subscribe(nothing);
    await until(() => view.get().error !== null);
    await client.connect();
    await until(() => view.get().messages.length === 1);
    expect(view.get().error).toBeNull();
    hide();
  });
});
