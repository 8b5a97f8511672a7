import { HubbubClient } from '@hubbub/client';
import { Connections, Pools, Rooms } from '@hubbub/hubbub';
import { startGateway, type TestGateway } from '@hubbub/testing';
import type { Type } from '@nestjs/common';
import * as websockets from '@nestjs/websockets';
import { WebSocket } from 'ws';
import { parse } from 'yaml';
import { expectShown, read } from '../testing/page.js';
import { BoardGateway } from './board.gateway.js';
import { ShoutGateway } from './shout.gateway.js';

/** docs/migrating.md: its blocks run, and what its tables name is there. */

const PAGE = 'docs/migrating.md';
const FOLDER = 'libs/testing/src/migrating';
// Node 20 has none.
(globalThis as { WebSocket?: unknown }).WebSocket ??= WebSocket;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ providers: [BoardGateway, ShoutGateway] });
});
afterAll(() => gateway.close());

it('a handler of Socket.IO', async () => {
  const bob = await gateway.connect('bob');
  await bob.command('create_room', { room_id: 'board' });
  await bob.command('join_room', { room_id: 'board' });
  const [url, token, lines, line] = [
    gateway.ws,
    gateway.token('alice'),
    [] as unknown[],
    { room_id: 'board', from: 1, to: 4 },
  ];

  const client = new HubbubClient({ url, token }); // io(url, { auth: { token } })
  client.on('push', ({ type, data }) => {
    if (type === 'draw') lines.push(data); // socket.on('draw', (line) => …)
  });
  await client.connect();
  await client.join('board'); // the server did: socket.join('board')
  const { length } = await client.command<{ length: number }>('draw', line); // await socket.emitWithAck('draw', line)

  expect(length).toBe(3);
  expect(await bob.next('draw')).toEqual(line);
  await bob.command('draw', { room_id: 'board', from: 4, to: 6 });
  await client.command('ping', {});
  expect(lines).toEqual([{ room_id: 'board', from: 4, to: 6 }]);
  client.close();
});

it('a plain gateway of Nest', async () => {
  const [alice, bob] = [await gateway.connect('alice'), await gateway.connect('bob')];
  const { message_type, data } = await alice.request('shout', { text: 'hello' });
  expect(message_type).toBe('shouted');
  expect(data['to']).toBeGreaterThanOrEqual(1);
  expect(await bob.next('heard')).toEqual({ text: 'hello' });
  await expect(alice.command('shout', { text: 1 })).rejects.toMatchObject({
    name: 'InvalidFormat',
    body: { message: 'Say something.' },
  });
});

it('a client of GoHub', async () => {
  const alice = await gateway.connect('alice');
  await alice.command('create_room', { room_id: 'lobby' });
  alice.sendFrame(
    '{"message_id":1,"message_type":"join_room","data":{"room_id":"lobby"},"client_id":"bob","timestamp":7}',
  );
  const joined = await alice.nextFrame(({ request_id }) => request_id === 1);
  expect(joined).toMatchObject({ message_type: 'room_joined', data: { room_id: 'lobby', status: 'joined' } });
});

describe('the right columns of the tables', () => {
  const services = read('docs/services.md');
  /** Messages, fields, permissions and events: on pages that are made of the code, or compared with it. */
  const words = new Set(`${read('docs/protocol.md')}${services}`.match(/\w+/g));
  const symbols = new Set(
    `${read('libs/hubbub/src/index.ts')}${read('libs/sdk/src/index.ts')}${[...words].join(' ')}`.match(/\b[A-Z]\w+/g),
  );
  const keys = keysOf(parse(read('config/hubbub.example.yaml')) as object);
  const sdk = methodsOfSdk(services);
  const events = new Set(['push', 'state', 'lost', 'joined', 'room_message']);
  let metrics: Set<string>;
  let objects: Record<string, object>;

  beforeAll(async () => {
    metrics = new Set(`${(await gateway.fetch('GET', '/metrics')).text}${services}`.match(/\bhubbub_\w+/g));
    const of = <T>(type: Type<T>): T => gateway.app.get(type, { strict: false });
    const client = await gateway.client('carol');
    const connections = of(Connections);
    const [connection] = connections.ofUser('carol');
    if (connection === undefined) throw new Error('carol is not connected');
    objects = { rooms: of(Rooms), connections, connection, pools: of(Pools), client, room: client.room('any') };
  });

  async function isThere(name: string): Promise<boolean> {
    const [, object = '', member = ''] = /^(\w+)\.(\w+)(?:\(.*\))?$/.exec(name) ?? [];
    const [, event] = /\.on\('(\w+)'/.exec(name) ?? [];
    const [, symbol] = /^(?:@|new )?([A-Z]\w+)/.exec(name) ?? [];
    const [, method = 'GET', path] = /^(?:(POST) )?(\/\S+)$/.exec(name) ?? [];
    if (keys.has(name)) return true;
    if (name.startsWith('hubbub.')) return sdk.has(name.slice('hubbub.'.length));
    if (name.startsWith('hubbub_')) return metrics.has(name);
    if (name.startsWith('@hubbub/')) return read('tsconfig.json').includes(`"${name}"`);
    if (path !== undefined) return routes(method, path);
    if (object in objects) return member in (objects[object] ?? {}) && (event === undefined || events.has(event));
    if (name.includes('.') && !name.includes('@')) return false;
    if (symbol !== undefined && !name.startsWith('POST')) return symbols.has(symbol) || symbol in websockets;
    return [...name.replace(/@.*/, '').matchAll(/\w+/g)].every(([word]) => words.has(word));
  }

  /** A route that is there asks who somebody is, or for a body, if for anything. */
  async function routes(method: string, path: string): Promise<boolean> {
    const methods = method === 'POST' ? ['POST'] : ['GET', 'POST'];
    const answers = methods.map((each) => gateway.fetch(each, path.replace('{id}', 'any')));
    return (await Promise.all(answers)).some(({ status }) => status !== 404);
  }

  it('name nothing that is not there', async () => {
    const names = [...read(PAGE).matchAll(/^\|(.*)\|$/gm)].flatMap(([, row = '']) =>
      [
        ...row
          .split(' | ')
          .slice(1)
          .join(' ')
          .matchAll(/`([^`]+)`/g),
      ].map(([, name = '']) => name),
    );
    expect(names.length).toBeGreaterThan(150);
    const missing: string[] = [];
    for (const name of new Set(names)) if (!(await isThere(name))) missing.push(name);
    expect(missing).toEqual([]);
  });

  it.each([
    'hubbub.rooms.fly()',
    'hubbub_flights_total',
    'bus.kind',
    '@hubbub/fly',
    '/api/flights',
    'POST /api/flights',
    'connection.fly(push)',
    "client.on('fly', listener)",
    '@OnFlight()',
    'new Flight(type)',
    'fly_away',
    'fly:plane@chat.*',
  ])('would be found out with %s', async (name) => {
    expect(await isThere(name)).toBe(false);
  });
});

it('shows nothing that is not run', () => {
  expectShown(PAGE, [`${FOLDER}/migrating.spec.ts`], FOLDER);
});

/** Their paths, as `limits.flush_ms`. */
function keysOf(tree: object, path = ''): Set<string> {
  const found = Object.entries(tree).flatMap(([key, value]: [string, unknown]) => {
    const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isGroup ? [...keysOf(value, `${path}${key}.`)] : [path + key];
  });
  return new Set(found);
}

/** As `rooms.create()`: a test of the SDK compares that table with its classes. */
function methodsOfSdk(page: string): Set<string> {
  const rows = [...page.matchAll(/^\| `hubbub(?:\.(\w+))?` \| (.*) \|$/gm)];
  const methods = rows.flatMap(([, group, names = '']) =>
    [...names.matchAll(/`(\w+)/g)].map(([, name]) => `${group === undefined ? '' : `${group}.`}${name}()`),
  );
  return new Set(methods);
}
