import type { EventType } from '../../events.js';
import { EPOCH, KICKED, MESSAGE, NOW, REDACTED, ROOM, SET_MEMBER } from './samples.js';
import type { MessageText } from './text.js';

const head = { id: '01kdvx6t0c5q', timestamp: NOW };
const connection = { ...head, node_id: 'node-1', connection_id: 'c1f7e4b2a09d', user_id: 'alice' };
const change = { ...head, room_id: 'lobby', epoch: EPOCH, actor_id: 'alice' };
const member = { ...head, node_id: 'node-1', room_id: 'lobby', user_id: 'bob' };
const user = { ...head, node_id: 'node-1', user_id: 'alice' };

/** What documents say of every event for services. */
export const EVENT_TEXTS = {
  client_connected: {
    summary: 'A connection was opened.',
    notes: '`user_id` and `username` are null while nobody knows who it is.',
    example: { ...connection, username: 'alice', anonymous: false },
  },
  client_disconnected: {
    summary: 'A connection has ended.',
    fields: { code: 'the close code', clean: 'whether a close frame came' },
    example: { ...connection, code: 1000, clean: true },
  },
  client_message: { summary: 'A command was received.', example: { ...connection, message_type: 'join_room' } },
  client_error: {
    summary: 'A command was answered by an error.',
    fields: { message_type: '`null` for what was no envelope' },
    example: { ...connection, message_type: 'join_room', code: 3000, name: 'RoomNotFound' },
  },
  room_created: { summary: 'A room was made.', example: { ...change, room: ROOM } },
  room_updated: { summary: 'A room was changed.', example: { ...change, room: ROOM } },
  room_deleted: {
    summary: 'A room was deleted.',
    notes: 'Nobody is in it any more, without a `room_left` each.',
    example: change,
  },
  room_joined: {
    summary: 'A user came into a room, with his first connection at that node.',
    example: { ...member, username: 'bob' },
  },
  room_left: {
    summary: 'A user has left a room, with his last connection at that node.',
    notes: 'After the grace of a lost connection.',
    example: { ...member, username: 'bob' },
  },
  room_message: {
    summary: 'A message was posted to a room.',
    notes:
      'The message to the character, as members get it; known by its `epoch` and `seq`. One without a number is on `hubbub.eph.room.<key>.room_message`.',
    example: MESSAGE,
  },
  message_redacted: {
    summary: 'The content of a message was erased.',
    notes: 'Delete it from what you keep.',
    example: { ...change, seq: REDACTED.seq },
  },
  member_set: {
    summary: 'A user was given a role in a room, or lost it.',
    example: { ...change, user_id: SET_MEMBER.user_id, role: SET_MEMBER.role },
  },
  member_kicked: {
    summary: 'A user was put out of a room.',
    example: { ...change, user_id: KICKED.user_id, reason: KICKED.reason },
  },
  presence: {
    summary: 'A user has told something about himself.',
    notes: 'Set for that room, or for all that he is in at that node.',
    example: { ...member, state: { typing: true } },
  },
  user_online: { summary: 'A user came, with his first connection at that node.', example: user },
  user_offline: { summary: 'A user went, with his last connection at that node.', example: user },
  node_joined: { summary: 'A node has begun to serve.', example: { ...head, node_id: 'node-1', version: '0.1.0' } },
  node_left: {
    summary: 'A node went or died, and with it all its connections, users and members.',
    example: { ...head, node_id: 'node-1' },
  },
} as const satisfies Record<EventType, MessageText>;
