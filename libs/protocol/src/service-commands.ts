import Type, { type Static } from 'typebox';
import { COMMANDS, type CommandSpec } from './commands.js';
import { Cursor, ListedRoom, RoomId, Timestamp, UserId } from './entities.js';

/** A command of a service: `hubbub.cmd.<name>`. Its answer has no type of its own. */
export type ServiceCommandSpec = Pick<CommandSpec, 'data' | 'permission' | 'replyData'>;

const optional = Type.Optional;
const Count = Type.Integer({ minimum: 0 });

/** Nodes that did not answer. */
const Unconfirmed = Type.Array(Type.String());
/** What came of ending connections, cluster-wide. */
const Ended = Type.Object({ closed: Count, nodes: Count, unconfirmed: Unconfirmed });

const NodeStats = Type.Object({
  node_id: Type.String(),
  version: Type.String(),
  started_at: Timestamp,
  client_count: Count,
  user_count: Count,
  message_rate: Type.Number(),
});

const Client = Type.Object({
  connection_id: Type.String(),
  user_id: Type.Union([UserId, Type.Null()]),
  node_id: Type.String(),
  rooms: Type.Array(RoomId),
  connected_at: Timestamp,
  remote_address: Type.String(),
});

const operator = 'admin:system';

/** What services may ask of the gateways. What clients may ask too has the schemas and the permission of their command. */
export const SERVICE_COMMANDS = {
  broadcast: {
    data: Type.Object({ message: Type.Unknown() }),
    permission: operator,
    replyData: Type.Object({ status: Type.Literal('broadcast initiated'), unconfirmed: optional(Unconfirmed) }),
  },
  stats: {
    data: Type.Object({}),
    permission: operator,
    replyData: Type.Object({
      client_count: Count,
      user_count: Count,
      room_count: Count,
      message_rate: Type.Number(),
      timestamp: Timestamp,
      cluster_mode: Type.Boolean(),
      nodes: Type.Array(NodeStats),
      unconfirmed: optional(Unconfirmed),
    }),
  },
  clients: {
    data: Type.Object({
      cursor: optional(Type.String({ maxLength: 64 })),
      limit: optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    }),
    permission: operator,
    replyData: Type.Object({
      total_clients: Count,
      timestamp: Timestamp,
      clients: Type.Array(Client),
      next_cursor: optional(Cursor),
      unconfirmed: optional(Unconfirmed),
    }),
  },
  /** Which of these users are connected, and how many users there are. */
  online: {
    data: Type.Object({ user_ids: Type.Array(UserId, { maxItems: 1000 }) }),
    permission: operator,
    replyData: Type.Object({ online: Type.Array(UserId), count: Count }),
  },
  disconnect: {
    data: Type.Object({ connection_id: Type.String({ minLength: 1, maxLength: 128 }) }),
    permission: operator,
    replyData: Ended,
  },
  revoke_user: { data: Type.Object({ user_id: UserId }), permission: operator, replyData: Ended },
  revoke_token: {
    data: Type.Object({ token_id: Type.String({ minLength: 1, maxLength: 256 }) }),
    permission: operator,
    replyData: Ended,
  },
  create_room: COMMANDS.create_room,
  get_room: {
    data: Type.Object({ room_id: RoomId }),
    permission: 'read:message',
    replyData: Type.Object({ room: ListedRoom }),
  },
  update_room: COMMANDS.update_room,
  delete_room: COMMANDS.delete_room,
  list_rooms: COMMANDS.list_rooms,
  room_message: COMMANDS.room_message,
  room_history: COMMANDS.room_history,
  room_members: COMMANDS.room_members,
  set_member: COMMANDS.set_member,
  kick_member: COMMANDS.kick_member,
  redact_message: COMMANDS.redact_message,
  direct_message: COMMANDS.direct_message,
} as const satisfies Record<string, ServiceCommandSpec>;

export type ServiceCommand = keyof typeof SERVICE_COMMANDS;
export type ServiceCommandData<N extends ServiceCommand> = Static<(typeof SERVICE_COMMANDS)[N]['data']>;
export type ServiceReply<N extends ServiceCommand> = Static<(typeof SERVICE_COMMANDS)[N]['replyData']>;
