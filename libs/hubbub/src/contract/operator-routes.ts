import type { CommandEntry } from '@hubbub/protocol/contract';
import type { RouteText } from './http-routes.js';

const AT = 1_750_000_000_000;
const NODE = 'node-1';
/** As its columns stand. */
const ROW = [AT, 812, 640, 93, 2104, 4120, 3, 0.21, 1.8, 31_200, 1250, 1.4, 6.2, 0, 0, 0, 0, 410_000, 5_200_000];
const PROCESS = [0.12, 1.1, 181_403_648, 74_120_192];

/** The routes below `/api/operator`. @param room an example of one @param explain the command of services of that name */
export function operatorRoutes(room: object, { example, reply }: CommandEntry): Record<string, RouteText> {
  const message_rate = 2.5;
  const { user_id, action: command, room_id } = example as Record<string, unknown>;
  const connection = {
    connection_id: '018f9c1e-7b1a-7c1e-9d3a-6f0f5a2b4c3d',
    user_id: 'alice',
    node_id: NODE,
    rooms: ['lobby'],
    connected_at: AT,
    remote_address: '203.0.113.7',
    username: 'alice',
    permissions: ['read:message', 'send:message'],
    queue_bytes: 0,
  };
  return {
    'GET /api/operator/audit': {
      errors: ['InvalidFormat'],
      response: {
        entries: [
          {
            id: '019b768b98000000c1f7e4b2a09d5511',
            at: AT,
            actor_id: 'root',
            actor_name: 'Root',
            action: 'kick_member',
            target: { room_id: 'lobby', user_id: 'mallory' },
            details: { reason: 'spam' },
            outcome: 'done',
            node_id: NODE,
            address: '203.0.113.7',
          },
        ],
        next_cursor: '019b768b98000000c1f7e4b2a09d5511',
      },
    },
    'GET /api/operator/series': {
      errors: ['InvalidFormat'],
      response: {
        timestamp: AT,
        interval_ms: 10_000,
        columns: ['at', 'connections', 'users'],
        nodes: [
          {
            node_id: NODE,
            version: '0.1.0',
            started_at: AT,
            ready: true,
            draining: false,
            rows: [[...ROW, ...PROCESS]],
          },
        ],
      },
    },
    'GET /api/operator/rooms': { errors: ['InvalidFormat'], response: { rooms: [{ ...room, message_rate }] } },
    'GET /api/operator/rooms/{id}': {
      errors: ['InvalidFormat', 'RoomNotFound'],
      response: {
        room,
        epoch: 'f3b1c8e0',
        seq: 42,
        message_rate,
        roles: [{ user_id: 'bob', role: 'moderator' }],
        roles_more: false,
        nodes: [{ node_id: NODE, members: 12 }],
      },
    },
    'GET /api/operator/users/{id}': {
      errors: ['InvalidFormat'],
      response: {
        user_id: 'alice',
        username: 'alice',
        known: true,
        connections: [connection],
        connections_more: false,
        owned_rooms: 1,
        roles: [{ room_id: 'lobby', role: 'member' }],
        roles_more: false,
      },
    },
    'POST /api/operator/explain': {
      errors: ['InvalidFormat', 'ClientNotFound', 'ClientOffline', 'MessageTooLarge'],
      request: { user_id, command, room_id },
      response: reply,
    },
    'GET /api/operator/config': {
      response: {
        node_id: NODE,
        file: '/etc/hubbub/hubbub.yaml',
        keys: [
          {
            key: 'limits.flush_ms',
            value: 5,
            default: 10,
            unit: 'ms',
            source: 'file',
            reloadable: true,
            description: 'Longest wait of a push for others to leave with it.',
            environment: 'HUBBUB_LIMITS_FLUSH_MS',
          },
        ],
      },
    },
    'POST /api/operator/nodes/{id}/drain': {
      errors: ['InvalidFormat', 'ClientNotFound'],
      response: { node_id: NODE, status: 'draining' },
    },
  };
}
