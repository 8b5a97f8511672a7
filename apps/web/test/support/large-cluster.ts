import type { Page, Route } from 'playwright-core';

/** A cluster as the operator's API tells of it: 32 nodes, 100,000 connections, 10,000 rooms. Generated, and the same each time. */
export const NODES = 32;
export const CONNECTIONS = 100_000;
export const ROOMS = 10_000;

const INTERVAL_MS = 10_000;
const COLUMNS = [
  ...[
    'at',
    'connections',
    'users',
    'rooms',
    'members',
    'commands',
    'command_errors',
    'command_p50_ms',
    'command_p99_ms',
  ],
  ...[
    'deliveries',
    'appended',
    'append_p50_ms',
    'append_p99_ms',
    'slow_consumers',
    'dropped',
    'repairs',
    'rate_limited',
  ],
  ...['bytes_in', 'bytes_out', 'cpu', 'loop_p99_ms', 'rss_bytes', 'heap_bytes'],
];

/** Answers what the console asks of the gateway's API; what it does is left to the real one. */
export async function answerAsLargeCluster(page: Page): Promise<void> {
  const answers: Record<string, (query: URLSearchParams) => object> = { series, stats, rooms, clients, audit };
  await page.route(
    (url) => /^\/api\/(operator\/|stats$|clients$)/.test(url.pathname),
    (route: Route) => {
      const url = new URL(route.request().url());
      const answer = answers[url.pathname.split('/').at(-1) ?? ''];
      return answer === undefined ? route.continue() : route.fulfill({ json: answer(url.searchParams) });
    },
  );
}

function series(query: URLSearchParams): object {
  const now = Date.now();
  const since = Number(query.get('since') ?? now - 3_600_000);
  const last = Math.floor(now / INTERVAL_MS) * INTERVAL_MS;
  const count = Math.max(0, Math.floor((last - since) / INTERVAL_MS));
  const nodes = Array.from({ length: NODES }, (_, node) => ({
    node_id: `gateway-${String(node).padStart(2, '0')}`,
    version: '0.1.0',
    started_at: now - 86_400_000 * (1 + (node % 5)),
    ready: node !== 7,
    draining: node === 7,
    rows: Array.from({ length: count }, (_, index) => row(last - (count - 1 - index) * INTERVAL_MS, node)),
  }));
  return { timestamp: now, interval_ms: INTERVAL_MS, columns: COLUMNS, nodes, unconfirmed: ['gateway-99'] };
}

function row(at: number, node: number): number[] {
  const wave = 1 + 0.2 * Math.sin(at / 400_000 + node) + 0.05 * Math.sin(at / 17_000 + 3 * node);
  const connections = Math.round((CONNECTIONS / NODES) * wave);
  const commands = Math.round(4000 * wave);
  const trouble = Math.sin(at / 1e5 + node) > 0.99 ? 3 : 0;
  const mib = 1024 * 1024;
  return [
    ...[at, connections, Math.round(connections * 0.9), 900, connections * 3, commands, Math.round(commands / 100)],
    ...[1.2 * wave, 9 * wave, commands * 40, Math.round(commands * 0.8), 2.1 * wave, 14 * wave],
    ...[trouble, trouble * 2, trouble > 0 ? 1 : 0, 0, commands * 300, commands * 9000],
    ...[0.3 * wave, 6 * wave, 700 * mib * wave, 240 * mib * wave],
  ];
}

const stats = () => ({ client_count: CONNECTIONS, user_count: 90_112, room_count: ROOMS, message_rate: 10_431.4 });

function page<T>(query: URLSearchParams, total: number, make: (index: number) => T) {
  const from = Number(query.get('cursor') ?? 0);
  const to = Math.min(total, from + Number(query.get('limit') ?? 50));
  const items = Array.from({ length: to - from }, (_, index) => make(from + index));
  return { items, ...(to < total && { next_cursor: String(to) }) };
}

function rooms(query: URLSearchParams): object {
  const { items, ...rest } = page(query, ROOMS, (index) => ({
    id: `room-${String(index).padStart(5, '0')}`,
    name: `Room number ${index}`,
    owner_id: `user-${index * 7}`,
    ...{ visibility: index % 9 ? 'public' : 'private', history: 'durable', max_clients: index % 3 ? 0 : 500 },
    ...{ member_count: ROOMS - index, metadata: {}, created_at: Date.now() - index * 3_600_000 },
    message_rate: 250 / (1 + index),
  }));
  const isTop = ['members', 'traffic'].includes(query.get('sort') ?? '');
  return { rooms: items, ...(isTop ? {} : rest) };
}

function clients(query: URLSearchParams): object {
  const { items, ...rest } = page(query, CONNECTIONS, (index) => ({
    connection_id: `${String(index).padStart(8, '0')}-0000-4000-8000-000000000000`,
    user_id: index % 50 ? `user-${index}` : null,
    node_id: `gateway-${String(index % NODES).padStart(2, '0')}`,
    rooms: Array.from({ length: index % 128 }, (_, room) => `room-${room}`),
    connected_at: Date.now() - index * 1000,
    remote_address: `10.${index % 256}.${(index >> 8) % 256}.7`,
  }));
  return { total_clients: CONNECTIONS, timestamp: Date.now(), clients: items, ...rest };
}

function audit(query: URLSearchParams): object {
  const { items, ...rest } = page(query, 5000, (index) => ({
    ...{ id: String(index), at: Date.now() - index * 60_000, actor_id: 'olga', action: 'kick_member' },
    ...{ target: { room_id: `room-${index}`, user_id: `user-${index}` }, outcome: 'done', node_id: 'gateway-00' },
    address: '10.0.0.7',
  }));
  return { entries: items, ...rest };
}
