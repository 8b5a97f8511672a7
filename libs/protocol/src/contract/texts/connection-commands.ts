import { NOW, SESSION } from './samples.js';
import type { CommandText } from './text.js';

/** Commands about the connection and its user. */
export const CONNECTION_COMMANDS = {
  ping: {
    summary: 'Asks whether the gateway answers, and what time it is there.',
    fields: { ts: 'comes back as it is' },
    replyFields: { ts: 'echoed, if given' },
    example: { ts: NOW },
    reply: { ts: NOW, server_ts: NOW + 12 },
  },
  authenticate: {
    summary: 'Identifies a connection that came without a token, or renews the token of its user.',
    notes: 'As in `connected`. Failure changes nothing.',
    errors: ['Forbidden', 'TokenExpired', 'InvalidToken'],
    example: { token: 'eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiYWxpY2UifQ.c2lnbmF0dXJl' },
    reply: SESSION,
  },
  close: {
    summary: 'Ends the connection.',
    notes: 'The server closes with 1000 after what it owes.',
    example: {},
    reply: {},
  },
  cancel: {
    summary: 'Ends a stream that a command of this connection has started.',
    notes:
      'The stream’s own answer is `done` with `cancelled`. Also answered when no such stream runs: it may have ended on the way.',
    fields: { request_id: 'of the command that started it' },
    errors: ['Unauthorized'],
    example: { request_id: 12 },
    reply: { request_id: 12 },
  },
  set_presence: {
    summary: 'Tells the members of a room, or of all one’s rooms, something about oneself.',
    notes: 'State belongs to the user, last write wins; without `room_id`, in all rooms.',
    fields: { state: '≤ 1 KiB' },
    errors: ['Unauthorized', 'NotInRoom'],
    example: { room_id: 'lobby', state: { typing: true } },
    reply: { room_id: 'lobby' },
  },
  watch_online: {
    summary: 'Asks how many users are connected, now and at every change.',
    notes: 'Then a push `online` on change, at most one a second.',
    errors: ['Unauthorized'],
    replyFields: { count: 'users connected, cluster-wide' },
    example: { enabled: true },
    reply: { count: 128 },
  },
  tap: {
    summary: 'Shows live what happens in a room, or what a user sends and is sent.',
    notes:
      'A stream; exactly one of `room_id` and `user_id`. Without `content` only types, sizes and ids. The first item is `tap_started`. At most 50 items a second, 10 minutes, 5 taps a node. In the audit log',
    fields: { sample: '0 < n ≤ 1, default 1', content: 'default false' },
    errors: ['Unauthorized', 'Forbidden'],
    example: { room_id: 'lobby' },
    reply: {
      at: NOW,
      node_id: 'node-1',
      direction: 'event',
      type: 'room_message',
      room_id: 'lobby',
      user_id: 'alice',
      seq: 42,
      bytes: 19,
    },
  },
  block_user: {
    summary: 'Refuses direct messages of a user, or takes them again.',
    notes: 'Direct messages from a blocked user are answered as usual with `delivered:0` and not kept for the target.',
    errors: ['Unauthorized'],
    example: { user_id: 'mallory', blocked: true },
    reply: { user_id: 'mallory', blocked: true },
  },
} as const satisfies Record<string, CommandText>;
