/** What the examples of the documents are made of: one conversation of alice and bob in `lobby`. */

export const NOW = 1_767_225_600_000;
export const EPOCH = '3f2b8c1e9a7d';
export const INBOX_EPOCH = 'i-5b1c0d';
const HEAD = { room_id: 'lobby', epoch: EPOCH };

export const ROOM = {
  id: 'lobby',
  name: 'The lobby',
  owner_id: 'alice',
  visibility: 'public',
  history: 'durable',
  max_clients: 100,
  member_count: 2,
  metadata: { topic: 'hello' },
  created_at: NOW - 86_400_000,
};

export const MEMBER = { user_id: 'bob', username: 'bob', connections: 1, joined_at: NOW - 60_000 };

export const MESSAGE = {
  ...HEAD,
  seq: 42,
  sender_id: 'alice',
  sender_name: 'alice',
  content: 'Hello, everybody.',
  timestamp: NOW,
};

export const DIRECT_MESSAGE = {
  sender_id: 'alice',
  sender_name: 'alice',
  target_id: 'bob',
  content: 'Are you there?',
  seq: 7,
  timestamp: NOW,
};

export const SESSION = {
  connection_id: 'c1f7e4b2a09d',
  node_id: 'node-1',
  protocol: 'hubbub.v1',
  user_id: 'alice',
  username: 'alice',
  anonymous: false,
  authenticated: true,
  permissions: ['read:message', 'send:message', 'join:room', 'leave:room'],
  expires_at: NOW + 900_000,
  inbox_epoch: INBOX_EPOCH,
  inbox_seq: 7,
  heartbeat_interval_ms: 25_000,
  max_message_bytes: 65_536,
  commands_per_s: 50,
  commands_burst: 100,
  server_version: '0.1.0',
  contract: '9d1c5e70a3f2',
};

export const JOINED = {
  room_id: 'lobby',
  status: 'joined',
  room: ROOM,
  epoch: EPOCH,
  seq: 42,
  recovered: true,
  missed: 1,
  messages: [{ ...MESSAGE, historic: true }],
  members: [MEMBER],
  member_count: 1,
};

export const LEFT = { room_id: 'lobby', status: 'left' };
export const SET_MEMBER = { room_id: 'lobby', user_id: 'bob', role: 'moderator' };
export const KICKED = { room_id: 'lobby', user_id: 'bob', reason: 'Enough for today.' };
export const REDACTED = { room_id: 'lobby', seq: 42 };
export const MARKED = { room_id: 'lobby', seq: 42, unread: 0 };
