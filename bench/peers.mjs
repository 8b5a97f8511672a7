/** Who is measured: how to start each server, and how its wire form says join, publish and ping. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startListening } from '../scripts/listening.mjs';
import { ROOT } from '../scripts/run-process.mjs';
import { pinned } from './cores.mjs';

const SERVER_CORE = 0;
const PRELOAD = ['--expose-gc', '--import', join(ROOT, 'bench/peers/gc-on-signal.mjs')];
const MANY = '1000000';

/** Steps of a load connection; `%r` is its room and `%P` the payload. Nobody hears his own message. */
const plainWire = {
  login: ['--send', '{"event":"join","data":{"room":"r%r"}}', '--expect', '"joined"'],
  connected: [],
  publish: '{"event":"publish","data":{"room":"r%r","content":%P}}',
  ping: '{"event":"ping","data":%P}',
};

export const PEERS = [
  { name: 'bare ws', wire: plainWire, start: () => startPeer('bench/peers/bare-ws.mjs') },
  { name: 'Nest WsAdapter', wire: plainWire, start: () => startPeer('dist/bench/peers/nest-ws.js') },
  {
    name: 'Hubbub',
    wire: {
      login: [
        ...['--expect', '"connected"'],
        ...['--send', '{"message_type":"join_room","data":{"room_id":"r%r","history":0}}', '--expect', '"room_joined"'],
      ],
      connected: ['--expect', '"connected"'],
      publish: '{"message_type":"room_message","data":{"room_id":"r%r","ephemeral":true,"content":%P}}',
      ping: '{"message_type":"ping","message_id":1,"data":%P}',
    },
    start: startHubbub,
  },
];

async function startPeer(file) {
  const server = await startServer(file, process.env, ROOT);
  return { ...server, makeRooms: async () => {} };
}

/** Everything on, as anybody would run it; only limits that the load itself would meet are raised. */
async function startHubbub() {
  const folder = mkdtempSync(join(tmpdir(), 'hubbub-bench-'));
  const env = {
    ...process.env,
    HUBBUB_SERVER_HOST: '127.0.0.1',
    HUBBUB_SERVER_PORT: '0',
    HUBBUB_DATA_DIR: folder,
    HUBBUB_DRAIN_TIMEOUT_MS: '0',
    HUBBUB_AUTH_ANONYMOUS_ENABLED: 'true',
    HUBBUB_AUTH_ANONYMOUS_PERMISSIONS: 'read:message,join:room,leave:room,send:message',
    HUBBUB_SERVER_MAX_CONNECTIONS_PER_IP: MANY,
    HUBBUB_LIMITS_COMMANDS_PER_S: MANY,
    HUBBUB_LIMITS_COMMANDS_BURST: MANY,
    HUBBUB_LIMITS_HTTP_PER_S: MANY,
    HUBBUB_LIMITS_HTTP_BURST: MANY,
    HUBBUB_LIMITS_ROOMS_PER_USER: MANY,
  };
  const server = await startServer('dist/apps/gateway/src/main.js', env, folder);
  const http = `http://${server.socket.host}`;
  return {
    ...server,
    async makeRooms(count) {
      const { access_token: token } = await post(`${http}/api/auth/register`, {
        username: 'bench',
        password: 'only for a moment',
      });
      for (let room = 0; room < count; room++)
        await post(`${http}/api/rooms`, { id: `r${room}`, max_clients: 0 }, token);
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startServer(file, env, cwd) {
  const [program, ...args] = pinned(SERVER_CORE, [process.execPath, ...PRELOAD, join(ROOT, file)]);
  const { child, ended, socket } = await startListening(program, args, { env, cwd });
  return {
    socket,
    pid: child.pid,
    /** At once: what is left on the connections is of no interest. */
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function post(url, body, token) {
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}
