import { DIRECT_MESSAGE, EPOCH, INBOX_EPOCH, MARKED, MESSAGE, NOW, REDACTED } from './samples.js';
import type { CommandText } from './text.js';

/** Commands about messages. */
export const MESSAGE_COMMANDS = {
  room_message: {
    summary: 'Posts to a room.',
    notes: 'A reply with `seq` means: stored.',
    needs: 'in the room',
    fields: { ephemeral: 'not stored, not numbered, at most once' },
    replyFields: { seq: 'absent if ephemeral' },
    errors: ['Unauthorized', 'Forbidden', 'RoomNotFound', 'NotInRoom', 'MessageTooLarge'],
    example: { room_id: 'lobby', content: 'Hello, everybody.', idempotency_key: 'a1b2c3' },
    reply: { room_id: 'lobby', seq: 42, epoch: EPOCH, timestamp: NOW },
  },
  room_history: {
    summary: 'Reads a page of the messages of a room.',
    needs: 'may join',
    notes: '`before` or `after`, not both; without either the latest.',
    fields: { limit: '50' },
    replyFields: { messages: 'oldest first' },
    errors: ['Unauthorized', 'Forbidden', 'RoomNotFound'],
    example: { room_id: 'lobby', before: 43, limit: 1 },
    reply: { room_id: 'lobby', epoch: EPOCH, messages: [{ ...MESSAGE, historic: true }], has_more: true },
  },
  direct_message: {
    summary: 'Sends a message to a user, who gets it now or when he comes back.',
    replyFields: {
      seq: 'in the sender’s inbox',
      delivered: 'connections of the target that it was handed to, cluster-wide; 0 = kept for later',
    },
    errors: ['Unauthorized', 'Forbidden', 'ClientNotFound', 'MessageTooLarge'],
    example: { target_id: 'bob', content: 'Are you there?', idempotency_key: 'd4e5f6' },
    reply: { target_id: 'bob', seq: 3, delivered: 1, timestamp: NOW },
  },
  inbox: {
    summary: 'Reads a page of one’s own direct messages, sent and received.',
    fields: { since: 'only later ones', peer_id: 'only with this user', limit: '50' },
    replyFields: { messages: 'oldest first', seq: 'head' },
    errors: ['Unauthorized', 'Forbidden'],
    example: { since: 6 },
    reply: { messages: [DIRECT_MESSAGE], epoch: INBOX_EPOCH, seq: 7, has_more: false },
  },
  mark_read: {
    summary: 'Remembers how far the caller has read a room, or his messages with a user.',
    notes: '`room_id` or `peer_id`, not both. Pushed to one’s other devices.',
    replyFields: { unread: 'one’s own messages not counted' },
    errors: ['Unauthorized', 'Forbidden', 'RoomNotFound'],
    example: { room_id: 'lobby', seq: 42 },
    reply: MARKED,
  },
  redact_message: {
    summary: 'Erases the content of a message.',
    notes: 'Content is erased in the store, the `seq` stays.',
    needs: 'author, owner, moderator or `admin:room`',
    errors: ['Unauthorized', 'Forbidden', 'RoomNotFound', 'MessageNotFound'],
    example: REDACTED,
    reply: REDACTED,
  },
} as const satisfies Record<string, CommandText>;
