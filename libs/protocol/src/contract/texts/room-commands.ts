import { JOINED, KICKED, LEFT, MEMBER, ROOM, SET_MEMBER } from './samples.js';
import type { CommandText } from './text.js';

/** Commands about rooms and who is in them. */
export const ROOM_COMMANDS = {
  create_room: {
    summary: 'Makes a room, which the caller owns.',
    notes: 'Creating does not join.',
    fields: {
      room_id: 'made up if absent',
      max_clients: '0 = no limit, default 100',
      history: '`durable` keeps messages',
      metadata: '≤ 4 KiB',
    },
    errors: ['Unauthorized', 'Forbidden', 'RoomAlreadyExists', 'TooManyRooms'],
    example: { room_id: 'lobby', name: 'The lobby', metadata: { topic: 'hello' } },
    reply: { room: ROOM },
  },
  update_room: {
    summary: 'Changes what is said of a room; what is not named stays.',
    notes: 'Members get the push `room_updated`.',
    needs: 'owner or `admin:room`',
    fields: { max_clients: '0 = no limit', metadata: '≤ 4 KiB, replaces the whole' },
    errors: ['Unauthorized', 'Forbidden', 'RoomNotFound'],
    example: { room_id: 'lobby', max_clients: 200 },
    reply: { room: { ...ROOM, max_clients: 200 } },
  },
  delete_room: {
    summary: 'Deletes a room with its messages.',
    notes: 'Members get the push `room_deleted` first.',
    needs: 'owner or `admin:room`',
    errors: ['Unauthorized', 'Forbidden', 'RoomNotFound'],
    example: { room_id: 'lobby' },
    reply: { room_id: 'lobby' },
  },
  list_rooms: {
    summary: 'Reads the rooms that the caller may see, in the order of their ids.',
    notes: '`unread` where the caller has a read marker.',
    fields: { limit: '50', prefix: 'of their ids', joined: 'only those this user is in' },
    errors: ['Unauthorized', 'Forbidden'],
    example: { limit: 2, prefix: 'l' },
    reply: { rooms: [{ ...ROOM, unread: 3 }], next_cursor: 'bG9iYnk' },
  },
  join_room: {
    summary: 'Enters a room with this connection, and reads what was missed or the latest messages.',
    notes: 'On a room this connection is in already: 3004.',
    fields: { history: '50; the latest messages, where there is no `since`' },
    replyFields: { seq: 'head', messages: 'oldest first, `historic:true`', members: '≤ 100' },
    errors: ['Unauthorized', 'Forbidden', 'RoomNotFound', 'RoomFull', 'AlreadyInRoom', 'TooManyRooms'],
    example: { room_id: 'lobby', since: { epoch: JOINED.epoch, seq: 41 } },
    reply: JOINED,
  },
  leave_room: {
    summary: 'Leaves a room.',
    notes: 'Ends this connection’s membership only.',
    errors: ['Unauthorized', 'Forbidden', 'NotInRoom'],
    example: { room_id: 'lobby' },
    reply: LEFT,
  },
  room_members: {
    summary: 'Reads who is in a room.',
    needs: 'may join',
    fields: { limit: '50' },
    errors: ['Unauthorized', 'Forbidden', 'RoomNotFound'],
    example: { room_id: 'lobby' },
    reply: { room_id: 'lobby', members: [MEMBER], member_count: 1 },
  },
  set_member: {
    summary: 'Gives a user a role in a room, or takes it.',
    needs: 'a higher role, or `admin:room`',
    fields: { role: '`none` takes the role' },
    errors: ['Unauthorized', 'Forbidden', 'RoomNotFound', 'ClientNotFound'],
    example: SET_MEMBER,
    reply: SET_MEMBER,
  },
  kick_member: {
    summary: 'Puts a user out of a room.',
    notes: 'Ends all the user’s connections in the room; he may come back.',
    needs: 'a higher role, or `admin:room`',
    errors: ['Unauthorized', 'Forbidden', 'RoomNotFound', 'NotInRoom'],
    example: KICKED,
    reply: KICKED,
  },
} as const satisfies Record<string, CommandText>;
