import { startGateway, type TestGateway } from '@hubbub/testing';
import { WebSocket } from 'ws';
import { HubbubClient } from './hubbub-client.js';

describe('more messages at once than a gateway lets through', () => {
  let gateway: TestGateway;
  const clients: HubbubClient[] = [];
  beforeAll(async () => {
    gateway = await startGateway({ limits: { commandsPerS: 200, commandsBurst: 40 } });
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await gateway?.close();
  });

  async function connect(user: string): Promise<HubbubClient> {
    const token = gateway.token(user);
    const url = `ws://127.0.0.1:${gateway.port}${gateway.config.server.wsPath}`;
    const client = new HubbubClient({ url, token, WebSocket });
    clients.push(client);
    await client.connect();
    return client;
  }

  it('are all stored, in the order in which they were given, to two rooms at once', async () => {
    const [alice, bob] = [await connect('alice'), await connect('bob')];
    await alice.command('create_room', { room_id: 'left' });
    await alice.command('create_room', { room_id: 'right' });
    const read = new Map<string, unknown[]>([
      ['left', []],
      ['right', []],
    ]);
    bob.on('room_message', ({ room_id, content }) => void read.get(room_id)?.push(content));
    for (const id of ['left', 'right']) await Promise.all([alice.join(id), bob.join(id)]);

    const numbers = Array.from({ length: 75 }, (_, number) => number);
    const sent = numbers.flatMap((number) => [alice.room('left').send(number), alice.room('right').send(number)]);
    const replies = await Promise.all(sent);
    expect(replies.map(({ seq }) => seq)).toEqual(numbers.flatMap((number) => [number + 1, number + 1]));
    await bob.room('left').history({ limit: 1 });
    expect([...read.values()]).toEqual([numbers, numbers]);
  });
});
