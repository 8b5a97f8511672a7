import Type, { type Static } from 'typebox';
import { COMMANDS, type CommandSpec } from './commands.js';
import { Cursor, GivenRole, JsonObject, ListedRoom, RoomId, Seq, Timestamp, UserId } from './entities.js';
import { MESSAGE_TYPE_PATTERN } from './envelope.js';
import { ErrorData, PUSHES } from './pushes.js';

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

const ConnectionId = Type.String({ minLength: 1, maxLength: 128 });

/** Types that say something of ours: nobody else is to say it. */
const BUILT_IN_TYPES = new Set([
  ...Object.keys(PUSHES),
  ...Object.values(COMMANDS).flatMap(({ reply }) => reply ?? []),
  ...['error', 'done', 'tap_item'],
]);
/** Of a push of an application's own. */
const OwnType = Type.String({ pattern: MESSAGE_TYPE_PATTERN, not: { enum: [...BUILT_IN_TYPES] } });
const ownPush = { type: OwnType, data: optional(Type.Unknown()) };
/** What came of a push, cluster-wide: to how many connections it was handed. */
const Sent = Type.Object({ delivered: Count, nodes: Count, unconfirmed: Unconfirmed });

/**
 * For holders of `admin:system`: who appears as the sender in place of who asks. Bans and blocks of his hold.
 * `sender_name` is `sender_id` by default.
 */
const sender = { sender_id: optional(UserId), sender_name: optional(UserId) };

/** A user as all nodes together know him. */
const UserPresence = Type.Object({
  user_id: UserId,
  online: Type.Boolean(),
  connections: Count,
  /** His state for all rooms, where he has set one. */
  state: optional(JsonObject),
  rooms: Type.Array(Type.Object({ room_id: RoomId, state: optional(JsonObject) })),
});

/** What a connection may do by the token that it came with. */
const ConnectionGrants = Type.Object({
  connection_id: Type.String(),
  node_id: Type.String(),
  anonymous: Type.Boolean(),
  permissions: Type.Array(Type.String()),
  expires_at: optional(Timestamp),
});

/** One rule, in the order in which they are asked. The first that refuses decides; what follows is not asked. */
const ExplainedStep = Type.Object({
  rule: Type.String(),
  outcome: Type.Union([Type.Literal('passed'), Type.Literal('refused'), Type.Literal('not_asked')]),
  /** One sentence. */
  because: Type.String(),
});

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
  /** One connection, wherever it is. */
  get_client: {
    data: Type.Object({ connection_id: ConnectionId }),
    permission: operator,
    replyData: Type.Object({ client: Client }),
  },
  /** Who of these users is connected how often, in which rooms and in which state. */
  presence: {
    data: Type.Object({ user_ids: Type.Array(UserId, { maxItems: 1000 }) }),
    permission: operator,
    replyData: Type.Object({ users: Type.Array(UserPresence), unconfirmed: optional(Unconfirmed) }),
  },
  /** What each connection of a user may do, and what his account would be granted if he signed in now. */
  permissions: {
    data: Type.Object({ user_id: UserId }),
    permission: operator,
    replyData: Type.Object({
      user_id: UserId,
      connections: Type.Array(ConnectionGrants),
      account: optional(Type.Object({ username: Type.String(), permissions: Type.Array(Type.String()) })),
      unconfirmed: optional(Unconfirmed),
    }),
  },
  /**
   * Whether a user may do something, and which rule decides. `action` is a type that the gateway handles, or a permission;
   * the other fields are what that command would say. Judged by what the connection, or else the latest one of the user, or
   * else his account may do; or by `permissions` instead.
   */
  explain: {
    data: Type.Object({
      user_id: UserId,
      action: Type.String({ pattern: MESSAGE_TYPE_PATTERN }),
      room_id: optional(RoomId),
      target_id: optional(UserId),
      role: optional(GivenRole),
      seq: optional(Seq),
      connection_id: optional(ConnectionId),
      permissions: optional(Type.Array(Type.String({ maxLength: 512 }), { maxItems: 1000 })),
    }),
    permission: operator,
    replyData: Type.Object({
      user_id: UserId,
      action: Type.String(),
      allowed: Type.Boolean(),
      /** The rule that refuses; of what is allowed, the last that was asked. */
      rule: Type.String(),
      /** What he would be answered. */
      error: optional(ErrorData),
      steps: Type.Array(ExplainedStep),
      judged_by: Type.Object({
        source: Type.Union([Type.Literal('connection'), Type.Literal('account'), Type.Literal('given')]),
        connection_id: optional(Type.String()),
        permissions: Type.Array(Type.String()),
      }),
      unconfirmed: optional(Unconfirmed),
    }),
  },
  disconnect: { data: Type.Object({ connection_id: ConnectionId }), permission: operator, replyData: Ended },
  /** All connections of a user; his tokens stay good. */
  disconnect_user: { data: Type.Object({ user_id: UserId }), permission: operator, replyData: Ended },
  /** A push of an application's own to all connections of a user: at most once, and to nobody if he has none. */
  send_to_user: { data: Type.Object({ user_id: UserId, ...ownPush }), permission: operator, replyData: Sent },
  send_to_client: {
    data: Type.Object({ connection_id: ConnectionId, ...ownPush }),
    permission: operator,
    replyData: Sent,
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
  room_message: {
    data: Type.Object({
      ...COMMANDS.room_message.data.properties,
      ...sender,
      /** Users who do not get it. Only of what has no number: members count the others. */
      exclude: optional(Type.Array(UserId, { maxItems: 1000 })),
      /** As `exclude`, of the sender. */
      exclude_sender: optional(Type.Boolean()),
    }),
    permission: COMMANDS.room_message.permission,
    replyData: COMMANDS.room_message.replyData,
  },
  room_history: COMMANDS.room_history,
  room_members: COMMANDS.room_members,
  set_member: COMMANDS.set_member,
  kick_member: COMMANDS.kick_member,
  redact_message: COMMANDS.redact_message,
  /**
   * Lets all connections of a user into a room by the rules that hold for him, but for the permission to join: each that was
   * not there is told by the push `room_joined`.
   */
  join_user: {
    data: Type.Object({ room_id: RoomId, user_id: UserId, history: COMMANDS.join_room.data.properties.history }),
    permission: 'admin:room',
    replyData: Type.Object({
      room_id: RoomId,
      user_id: UserId,
      joined: Count,
      already: Count,
      refused: Type.Array(Type.Object({ connection_id: Type.String(), error: ErrorData })),
      nodes: Count,
      unconfirmed: Unconfirmed,
    }),
  },
  /** Ends what memberships the connections of a user have in a room: each is told by the push `room_left`. */
  leave_user: {
    data: Type.Object({ room_id: RoomId, user_id: UserId }),
    permission: 'admin:room',
    replyData: Type.Object({
      room_id: RoomId,
      user_id: UserId,
      left: Count,
      nodes: Count,
      unconfirmed: Unconfirmed,
    }),
  },
  direct_message: {
    data: Type.Object({ ...COMMANDS.direct_message.data.properties, ...sender }),
    permission: COMMANDS.direct_message.permission,
    replyData: COMMANDS.direct_message.replyData,
  },
} as const satisfies Record<string, ServiceCommandSpec>;

export type ServiceCommand = keyof typeof SERVICE_COMMANDS;
export type ServiceCommandData<N extends ServiceCommand> = Static<(typeof SERVICE_COMMANDS)[N]['data']>;
export type ServiceReply<N extends ServiceCommand> = Static<(typeof SERVICE_COMMANDS)[N]['replyData']>;
