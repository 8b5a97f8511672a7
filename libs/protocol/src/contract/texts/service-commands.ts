import { MEMBER, NOW, ROOM } from './samples.js';
import type { CommandText } from './text.js';

const ENDED = { closed: 1, nodes: 2, unconfirmed: [] };
const SENT = { delivered: 1, nodes: 2, unconfirmed: [] };
const CLIENT = {
  connection_id: 'c1f7e4b2a09d',
  user_id: 'alice',
  node_id: 'node-1',
  rooms: ['lobby'],
  connected_at: NOW - 60_000,
  remote_address: '203.0.113.7',
};
const NODE = {
  node_id: 'node-1',
  version: '0.1.0',
  started_at: NOW - 3_600_000,
  client_count: 130,
  user_count: 128,
  message_rate: 12.5,
};

/**
 * What documents say of the commands that only services have. One that clients have too has their text; here stands what
 * it means for services beyond that.
 */
export const SERVICE_TEXTS: Readonly<Record<string, CommandText>> = {
  broadcast: {
    summary: 'Pushes a message to every identified connection of every node.',
    example: { message: 'Maintenance at noon.' },
    reply: { status: 'broadcast initiated' },
  },
  stats: {
    summary: 'Counts connections, users, rooms and messages, of all nodes together and of each.',
    example: {},
    reply: {
      client_count: 130,
      user_count: 128,
      room_count: 12,
      message_rate: 12.5,
      timestamp: NOW,
      cluster_mode: false,
      nodes: [NODE],
    },
  },
  clients: {
    summary: 'Reads the connections of all nodes, by pages.',
    fields: { limit: '200' },
    example: { limit: 1 },
    reply: { total_clients: 130, timestamp: NOW, clients: [CLIENT], next_cursor: 'c1f7e4b2a09d' },
  },
  get_client: {
    summary: 'Reads one connection, wherever it is.',
    errors: ['ClientNotFound'],
    example: { connection_id: 'c1f7e4b2a09d' },
    reply: { client: CLIENT },
  },
  online: {
    summary: 'Says which of these users are connected, and how many users there are.',
    replyFields: { online: 'those of them who are', count: 'of all users' },
    example: { user_ids: ['alice', 'bob'] },
    reply: { online: ['alice'], count: 128 },
  },
  presence: {
    summary: 'Says who of these users is connected how often, in which rooms and in which state.',
    example: { user_ids: ['alice'] },
    reply: {
      users: [
        { user_id: 'alice', online: true, connections: 2, rooms: [{ room_id: 'lobby', state: { typing: true } }] },
      ],
    },
  },
  permissions: {
    summary: 'Says what each connection of a user may do, and what his account would be granted if he signed in now.',
    example: { user_id: 'alice' },
    reply: {
      user_id: 'alice',
      connections: [
        {
          connection_id: 'c1f7e4b2a09d',
          node_id: 'node-1',
          anonymous: false,
          permissions: ['read:message', 'join:room'],
          expires_at: NOW + 900_000,
        },
      ],
    },
  },
  explain: {
    summary: 'Says whether a user may do something, and which rule decides.',
    errors: ['ClientOffline'],
    example: { user_id: 'mallory', action: 'join_room', room_id: 'lobby' },
    reply: {
      user_id: 'mallory',
      action: 'join_room',
      allowed: false,
      rule: 'role',
      steps: [{ rule: 'role', outcome: 'refused', because: 'Banned from the room.' }],
      judged_by: { source: 'connection', connection_id: 'c1f7e4b2a09d', permissions: ['join:room'] },
    },
  },
  disconnect: {
    summary: 'Ends one connection with close code 4502, wherever it is.',
    errors: ['ClientNotFound'],
    example: { connection_id: 'c1f7e4b2a09d' },
    reply: ENDED,
  },
  disconnect_user: {
    summary: 'Ends all connections of a user; his tokens stay good.',
    example: { user_id: 'mallory' },
    reply: ENDED,
  },
  send_to_user: {
    summary: 'Sends a push of an application’s own to all connections of a user.',
    notes: 'At most once, and to nobody if he has none.',
    example: { user_id: 'alice', type: 'order_paid', data: { order: 4711 } },
    reply: SENT,
  },
  send_to_client: {
    summary: 'Sends a push of an application’s own to one connection.',
    errors: ['ClientNotFound'],
    example: { connection_id: 'c1f7e4b2a09d', type: 'order_paid', data: { order: 4711 } },
    reply: SENT,
  },
  revoke_user: {
    summary: 'Refuses all tokens that a user has now, and ends his connections.',
    example: { user_id: 'mallory' },
    reply: ENDED,
  },
  revoke_token: {
    summary: 'Refuses one token by its `jti`, and ends its connections.',
    example: { token_id: '5e0c1f2d' },
    reply: ENDED,
  },
  get_room: {
    summary: 'Reads one room.',
    errors: ['RoomNotFound'],
    example: { room_id: 'lobby' },
    reply: { room: ROOM },
  },
  join_user: {
    summary: 'Lets all connections of a user into a room.',
    notes:
      'By the rules that hold for him, but for the permission to join: each that was not there is told by the push `room_joined`.',
    errors: ['RoomNotFound'],
    example: { room_id: 'lobby', user_id: MEMBER.user_id },
    reply: { room_id: 'lobby', user_id: 'bob', joined: 1, already: 0, refused: [], nodes: 2, unconfirmed: [] },
  },
  leave_user: {
    summary: 'Ends what memberships the connections of a user have in a room.',
    notes: 'Each is told by the push `room_left`.',
    errors: ['RoomNotFound'],
    example: { room_id: 'lobby', user_id: MEMBER.user_id },
    reply: { room_id: 'lobby', user_id: 'bob', left: 1, nodes: 2, unconfirmed: [] },
  },
};
