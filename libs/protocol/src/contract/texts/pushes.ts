import type { PushType } from '../../pushes.js';
import {
  DIRECT_MESSAGE,
  JOINED,
  KICKED,
  LEFT,
  MARKED,
  MEMBER,
  MESSAGE,
  NOW,
  REDACTED,
  ROOM,
  SESSION,
  SET_MEMBER,
} from './samples.js';
import type { MessageText } from './text.js';

const members = 'members (the affected user too)';

/** What documents say of every push. */
export const PUSH_TEXTS = {
  connected: {
    summary: 'Who the connection is, and what applies to it.',
    to: 'the connection, first',
    notes:
      'Not identified: `user_id` and `username` null, `permissions` [], `inbox_seq` 0. Anonymous: `authenticated` false, `anonymous` true, `user_id` set.',
    fields: { contract: 'hash of what this gateway speaks' },
    example: SESSION,
  },
  room_message: {
    summary: 'A message was posted to a room.',
    to: 'all members’ connections except the sending connection; one posted over HTTP or by a service: all of them',
    example: MESSAGE,
  },
  direct_message: {
    summary: 'A direct message came, or was sent from another device.',
    to: 'all connections of the target, and the sender’s other connections',
    fields: { seq: 'in the receiver’s own inbox' },
    example: DIRECT_MESSAGE,
  },
  presence: {
    summary: 'Who came to a room, went, or changed.',
    to: 'members',
    notes:
      'Changes of up to `presence.coalesce_ms` (100) in one push, in large rooms of longer: of one room a node tells 20,000 connections a second; it may name the receiver; a join merged with a state change carries the state. In rooms above `presence.list_max` (500) members the lists are empty and only the count is sent.',
    example: { room_id: 'lobby', joined: [MEMBER], left: [], updated: [], member_count: 2 },
  },
  room_joined: {
    summary: 'A service has let the connection into a room.',
    to: 'a connection that a service has let into a room',
    notes: 'The client goes on from `epoch` and `seq` as if it had asked.',
    example: JOINED,
  },
  room_left: {
    summary: 'A service has taken the connection out of a room.',
    to: 'a connection that a service has taken out of a room',
    example: LEFT,
  },
  room_updated: { summary: 'A room was changed.', to: members, example: { room: ROOM } },
  room_deleted: {
    summary: 'A room was deleted; nobody is in it any more.',
    to: members,
    example: { room_id: 'lobby' },
  },
  member_kicked: { summary: 'A user was put out of a room.', to: members, example: KICKED },
  message_redacted: { summary: 'The content of a message was erased.', to: members, example: REDACTED },
  member_set: { summary: 'A user was given a role in a room, or lost it.', to: members, example: SET_MEMBER },
  marked_read: {
    summary: 'The user has read on, at another of his devices.',
    to: 'the user’s other connections',
    example: MARKED,
  },
  broadcast: {
    summary: 'What an operator tells everybody.',
    to: 'every identified connection',
    fields: { message: 'what `/api/broadcast` was given' },
    example: { message: 'Maintenance at noon.', sender_id: 'operator' },
  },
  online: {
    summary: 'How many users are connected, cluster-wide.',
    to: 'watchers',
    notes: 'At most one a second.',
    example: { count: 129 },
  },
  token_expiring: {
    summary: 'The token ends soon: renew it with `authenticate`.',
    to: 'the connection',
    notes: '60 s ahead, at once when less is left; then close 4501.',
    example: { expires_at: NOW + 60_000 },
  },
  draining: {
    summary: 'The node goes away: come back after a while.',
    to: 'every connection of a node',
    notes: 'Then close 1012.',
    fields: { reconnect_after_ms: 'jittered' },
    example: { reconnect_after_ms: 1500 },
  },
} as const satisfies Record<PushType, MessageText>;
