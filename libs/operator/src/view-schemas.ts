import {
  Cursor,
  GivenRole,
  MESSAGE_TYPE_PATTERN,
  PageLimit,
  Room,
  RoomId,
  SERVICE_COMMANDS,
  Seq,
  Timestamp,
  UserId,
} from '@hubbub/protocol';
import Type from 'typebox';
import { COLUMNS } from './series/columns.js';

/** Queries, bodies and answers of the routes below `/api/operator`: validation and OpenAPI in one. */

const optional = Type.Optional;
const Count = Type.Integer({ minimum: 0 });
const NodeId = Type.String();
const unconfirmed = optional(Type.Array(NodeId, { description: 'Nodes that did not answer: their part is missing.' }));

export const SeriesQuery = Type.Object({
  since: optional(
    Type.Integer({
      minimum: 0,
      description:
        'Intervals that ended later, Unix ms; by default the last hour. The least of the last ends of the nodes.',
    }),
  ),
});

export const SeriesAnswer = Type.Object({
  timestamp: Timestamp,
  interval_ms: Count,
  columns: Type.Array(Type.Enum([...COLUMNS]), {
    description:
      'What the numbers of a row are. `at` is the end of the interval, Unix ms. Counted in the interval: commands, ' +
      'command_errors, deliveries, appended, slow_consumers, dropped, repairs, rate_limited, bytes_in, bytes_out. As it was at ' +
      'its end: connections, users, rooms and members of rooms on the node, rss_bytes, heap_bytes. Of the interval: quantiles ' +
      'in ms, by interpolation in the buckets of the histograms; cpu as a fraction of one core; loop_p99_ms, by how much the ' +
      'event loop was late.',
  }),
  nodes: Type.Array(
    Type.Object({
      node_id: NodeId,
      version: Type.String(),
      started_at: Timestamp,
      ready: Type.Boolean({ description: 'What /health/ready says.' }),
      draining: Type.Boolean(),
      rows: Type.Array(
        Type.Array(Type.Union([Type.Number(), Type.Null()]), { minItems: COLUMNS.length, maxItems: COLUMNS.length }),
        { description: 'A row an interval, the oldest first; null where nothing was measured.' },
      ),
    }),
  ),
  unconfirmed,
});

export const RoomsQuery = Type.Object({
  sort: optional(
    Type.Enum(['name', 'created', 'members', 'traffic'], {
      description:
        '`name` (the default) and `created`, the newest first, page through all rooms; `members` and `traffic` are the largest ' +
        'in one page.',
    }),
  ),
  prefix: optional(Type.String({ maxLength: 128, description: 'Only ids that begin so.' })),
  cursor: optional(Cursor),
  limit: optional(PageLimit),
});

const message_rate = Type.Number({
  minimum: 0,
  description: 'Messages a second over the last minute, at whichever node they were posted.',
});

export const RoomsAnswer = Type.Object({
  rooms: Type.Array(Type.Intersect([Room, Type.Object({ message_rate })])),
  next_cursor: optional(Cursor),
  unconfirmed,
});

export const RoomAnswer = Type.Object({
  room: Room,
  epoch: Type.String(),
  seq: Type.Integer({ minimum: 0, description: 'Of its last message.' }),
  message_rate,
  roles: Type.Array(Type.Object({ user_id: UserId, role: GivenRole }), {
    description: 'Roles that were given, by user id; at most 200. The owner stands in the room.',
  }),
  roles_more: Type.Boolean(),
  nodes: Type.Array(Type.Object({ node_id: NodeId, members: Count }), {
    description: 'Users with a seat, by node: one of several nodes counts at each.',
  }),
  unconfirmed,
});

export const UserAnswer = Type.Object({
  user_id: UserId,
  username: optional(Type.String()),
  known: Type.Boolean({ description: 'Whether he has an account, a connection, a room or a role here.' }),
  connections: Type.Array(
    Type.Object({
      connection_id: Type.String(),
      user_id: Type.Union([UserId, Type.Null()]),
      node_id: NodeId,
      rooms: Type.Array(RoomId),
      connected_at: Timestamp,
      remote_address: Type.String(),
      username: Type.String(),
      permissions: Type.Array(Type.String()),
      expires_at: optional(Timestamp),
      queue_bytes: Type.Integer({ minimum: 0, description: 'What its socket has not passed on yet.' }),
    }),
    { description: 'The oldest first; at most 200.' },
  ),
  connections_more: Type.Boolean(),
  owned_rooms: Count,
  roles: Type.Array(Type.Object({ room_id: RoomId, role: GivenRole }), { description: 'By room id; at most 200.' }),
  roles_more: Type.Boolean(),
  unconfirmed,
});

export const ExplainBody = Type.Object({
  user_id: UserId,
  command: Type.String({
    pattern: MESSAGE_TYPE_PATTERN,
    description: 'A type that the gateway handles, or a permission.',
  }),
  data: optional(
    Type.Object(
      {
        room_id: optional(RoomId),
        user_id: optional(UserId),
        target_id: optional(UserId),
        role: optional(GivenRole),
        seq: optional(Seq),
      },
      { description: 'What the command would be sent with; only what it is about is looked at.' },
    ),
  ),
  room_id: optional(RoomId),
  connection_id: optional(Type.String({ minLength: 1, maxLength: 64, description: 'By default his latest one.' })),
});

export const ExplainAnswer = SERVICE_COMMANDS.explain.replyData;

export const ConfigAnswer = Type.Object({
  node_id: NodeId,
  file: Type.Union([Type.String(), Type.Null()], { description: 'The file that was read; null without one.' }),
  keys: Type.Array(
    Type.Object({
      key: Type.String(),
      value: Type.Unknown({
        description: 'That which holds now; null where it is unset. Secrets, and passwords in URLs, are "…".',
      }),
      default: Type.Unknown(),
      default_note: optional(
        Type.String({ description: 'Of a default that depends on others, or is made at the start.' }),
      ),
      unit: optional(Type.String()),
      source: Type.Enum(['default', 'file', 'environment', 'code']),
      reloadable: Type.Boolean({ description: 'Whether a change takes effect without a restart.' }),
      description: Type.String(),
      environment: Type.String({ description: 'The variable that sets it.' }),
    }),
  ),
});

export const NodeIdPath = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' });

export const DrainAnswer = Type.Object({ node_id: NodeId, status: Type.Literal('draining') });
