import {
  Cursor,
  Epoch,
  GivenRole,
  HistoryMode,
  IdempotencyKey,
  JsonObject,
  ListedRoom,
  MaxClients,
  Member,
  PageLimit,
  Room,
  RoomId,
  RoomMessage,
  RoomName,
  Seq,
  Timestamp,
  UserId,
  Visibility,
} from '@hubbub/protocol';
import Type, { type Static } from 'typebox';

/**
 * Bodies and queries of the HTTP routes of rooms: type, validation and OpenAPI in one. Parameters are typed `Static<typeof X>`: a
 * type of the schema's own name would make the compiler emit the schema where Nest expects a class.
 */

const optional = Type.Optional;

const settings = {
  name: optional(RoomName),
  max_clients: optional(MaxClients),
  visibility: optional(Visibility),
  metadata: optional(JsonObject),
};

export const CreateRoomBody = Type.Object({ id: optional(RoomId), ...settings, history: optional(HistoryMode) });

export const UpdateRoomBody = Type.Object(settings);

export const PostMessageBody = Type.Object({
  content: Type.Unknown({ description: 'Any JSON.' }),
  idempotency_key: optional(IdempotencyKey),
  ephemeral: optional(Type.Boolean()),
});

export const RoomsQuery = Type.Object({
  cursor: optional(Cursor),
  limit: optional(PageLimit),
  prefix: optional(Type.String({ maxLength: 128 })),
});

export const HistoryQuery = Type.Object({
  before: optional(Seq),
  after: optional(Seq),
  limit: optional(PageLimit),
});

export const MembersQuery = Type.Object({ cursor: optional(Cursor), limit: optional(PageLimit) });

export const RoomListResponse = Type.Array(ListedRoom);
export const RoomCreatedResponse = Type.Object({ status: Type.Literal('room created'), room: Room });
export type RoomCreatedResponse = Static<typeof RoomCreatedResponse>;
export const MessagesResponse = Type.Object({
  epoch: Epoch,
  messages: Type.Array(RoomMessage),
  has_more: Type.Boolean(),
});
export const PostedResponse = Type.Object({
  seq: optional(Seq),
  epoch: Epoch,
  timestamp: Timestamp,
  duplicate: optional(Type.Literal(true)),
});
export type PostedResponse = Static<typeof PostedResponse>;
export const MembersResponse = Type.Object({
  members: Type.Array(Member),
  member_count: Type.Integer({ minimum: 0 }),
  next_cursor: optional(Cursor),
});
export type MembersResponse = Static<typeof MembersResponse>;
export const RolesResponse = Type.Object({
  role: Type.Union([Type.Literal('owner'), GivenRole], { description: 'Of the caller.' }),
  roles: Type.Array(Type.Object({ user_id: UserId, role: GivenRole }), {
    description: 'To moderators the first 200 by user id, bans included; to others those of moderators.',
  }),
});
export type RolesResponse = Static<typeof RolesResponse>;
