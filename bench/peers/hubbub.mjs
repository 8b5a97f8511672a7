import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageVersion } from '../machine.mjs';
import { signToken } from '../token.mjs';
import { startNode } from './start-node.mjs';

const MANY = '1000000';
const JOIN = '{"message_type":"join_room","message_id":1,"data":{"room_id":"r%r","history":0}}';
const GREET = ['--expect', '"connected"'];
const ROOM = '"data":{"room_id":"r%r",';

/** Everything on, as anybody would run it; only limits that the load itself would meet are raised. */
export const hubbub = {
  name: 'Hubbub',
  version: () => packageVersion('.'),
  wire: {
    options: ['--path', '/ws', '--refuse', '"message_type":"error"'],
    greet: GREET,
    login: [...GREET, '--send', JOIN, '--expect', '"room_joined"'],
    publish: `{"message_type":"room_message",${ROOM}"ephemeral":true,"content":%P}}`,
    acked: {
      publish: `{"message_type":"room_message","message_id":%n,${ROOM}"ephemeral":true,"content":%P}}`,
      ack: '"room_message_sent"',
    },
    stored: {
      publish: `{"message_type":"room_message","message_id":%n,${ROOM}"content":%P}}`,
      ack: '"room_message_sent"',
    },
    ping: [['{"message_type":"ping","message_id":1,"data":%P}', '"pong"']],
    join: [
      [JOIN, '"room_joined"'],
      ['{"message_type":"leave_room","message_id":2,"data":{"room_id":"r%r"}}', '"room_left"'],
    ],
    token: ['--header', 'Authorization: Bearer %V'],
    // The epoch of the room is a value of the run.
    recover: (first, last) => [
      ...GREET,
      '--send',
      `{"message_type":"join_room","data":{"room_id":"r%r","since":{"epoch":"%V","seq":${first - 1}}}}`,
      ...['--recover', `${first}-${last}`, '--refuse', '"recovered":false'],
    ],
  },
  start,
};

/**
 * @param options `env`: more of its configuration; `secret`: of tokens; `cores`: as in startNode
 * @returns as startNode, with its data `folder`, `makeRooms(count)` and `keep(rooms, contents)`
 */
async function start({ env: more = {}, secret = randomBytes(48).toString('hex'), cores } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'hubbub-bench-'));
  const env = {
    HUBBUB_SERVER_HOST: '127.0.0.1',
    HUBBUB_SERVER_PORT: '0',
    HUBBUB_DATA_DIR: folder,
    HUBBUB_DRAIN_TIMEOUT_MS: '0',
    HUBBUB_AUTH_SECRET: secret,
    HUBBUB_AUTH_ANONYMOUS_ENABLED: 'true',
    HUBBUB_AUTH_ANONYMOUS_PERMISSIONS: 'read:message,join:room,leave:room,send:message',
    HUBBUB_SERVER_MAX_CONNECTIONS_PER_IP: MANY,
    HUBBUB_LIMITS_COMMANDS_PER_S: MANY,
    HUBBUB_LIMITS_COMMANDS_BURST: MANY,
    HUBBUB_LIMITS_HTTP_PER_S: MANY,
    HUBBUB_LIMITS_HTTP_BURST: MANY,
    HUBBUB_LIMITS_ROOMS_PER_USER: MANY,
    ...more,
  };
  const tidy = () => rmSync(folder, { recursive: true, force: true });
  const server = await startNode('dist/apps/gateway/src/main.js', { env, cwd: folder, cores }).catch((error) => {
    tidy();
    throw error;
  });
  const token = signToken(secret, 'bench', ['admin:system']);
  const post = (path, body) => postJson(`http://${server.address.host}/api/rooms${path}`, body, token);
  const makeRoom = async (room) => (await post('', { id: `r${room}`, max_clients: 0 })).room;
  return {
    ...server,
    folder,
    async makeRooms(count) {
      await Promise.all(Array.from({ length: count }, (_, room) => makeRoom(room)));
    },
    /** Stores these messages in each of `rooms` rooms, which it makes. @returns the epochs of the rooms */
    async keep(rooms, contents) {
      const epochs = [];
      for (let room = 0; room < rooms; room++) {
        await makeRoom(room);
        for (const content of contents) {
          const { epoch } = await post(`/r${room}/messages`, { content: JSON.parse(content) });
          epochs[room] = epoch;
        }
      }
      return epochs;
    },
    async stop() {
      await server.stop();
      tidy();
    },
  };
}

async function postJson(url, body, token) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}
