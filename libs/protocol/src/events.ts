import Type, { type Static, type TSchema } from 'typebox';
import { Epoch, GivenRole, JsonObject, Reason, Room, RoomId, RoomMessage, Seq, Timestamp, UserId } from './entities.js';
import { ERRORS, type ErrorName } from './errors.js';
import { type EventScope, ephemeralSubject, eventSubject, type Subject } from './subjects.js';

/** One event: whom it is about, what it says, and whether it belongs to stored data. */
export interface EventSpec {
  /** What its subject is keyed by: `hubbub.evt.<scope>.<key>.<type>`. */
  readonly scope: EventScope;
  /** Schema of `data`. */
  readonly data: TSchema;
  /** Tells of a stored row: with JetStream it leaves through the outbox, exactly once by its id. */
  readonly stored: boolean;
}

const UserOrNobody = Type.Union([UserId, Type.Null()]);
const NodeId = Type.String();
/** `id` is unique for ever: by it a consumer knows a repeat. */
const head = { id: Type.String({ minLength: 1, maxLength: 128 }), timestamp: Timestamp };
const connection = {
  ...head,
  node_id: NodeId,
  connection_id: Type.String(),
  /** Null while nobody knows who it is. */
  user_id: UserOrNobody,
};
/** `actor_id`: who did it; null for a service. */
const change = { ...head, room_id: RoomId, epoch: Epoch, actor_id: UserOrNobody };
const MessageType = Type.String();
const member = { ...head, node_id: NodeId, room_id: RoomId, user_id: UserId };

const client = <S extends TSchema>(data: S) => ({ scope: 'client', data, stored: false }) as const;
const room = <S extends TSchema>(data: S) => ({ scope: 'room', data, stored: false }) as const;
const storedOfRoom = <S extends TSchema>(data: S) => ({ scope: 'room', data, stored: true }) as const;
const user = <S extends TSchema>(data: S) => ({ scope: 'user', data, stored: false }) as const;
const node = <S extends TSchema>(data: S) => ({ scope: 'node', data, stored: false }) as const;

/** Every event for services (docs/services.md). Keys: connection, room, user or node id. */
export const EVENTS = {
  client_connected: client(
    Type.Object({ ...connection, username: Type.Union([Type.String(), Type.Null()]), anonymous: Type.Boolean() }),
  ),
  client_disconnected: client(Type.Object({ ...connection, code: Type.Integer(), clean: Type.Boolean() })),
  client_message: client(Type.Object({ ...connection, message_type: MessageType })),
  client_error: client(
    Type.Object({
      ...connection,
      /** Null where the frame was no envelope. */
      message_type: Type.Union([MessageType, Type.Null()]),
      code: Type.Integer(),
      name: Type.Enum(Object.keys(ERRORS) as ErrorName[]),
    }),
  ),

  room_created: storedOfRoom(Type.Object({ ...change, room: Room })),
  room_updated: storedOfRoom(Type.Object({ ...change, room: Room })),
  room_deleted: storedOfRoom(Type.Object(change)),
  room_joined: room(Type.Object({ ...member, username: Type.String() })),
  room_left: room(Type.Object({ ...member, username: Type.String() })),
  room_message: storedOfRoom(RoomMessage),
  message_redacted: storedOfRoom(Type.Object({ ...change, seq: Seq })),
  member_set: storedOfRoom(Type.Object({ ...change, user_id: UserId, role: GivenRole, reason: Type.Optional(Reason) })),
  member_kicked: storedOfRoom(Type.Object({ ...change, user_id: UserId, reason: Type.Optional(Reason) })),
  presence: room(Type.Object({ ...member, state: JsonObject })),

  user_online: user(Type.Object({ ...head, node_id: NodeId, user_id: UserId })),
  user_offline: user(Type.Object({ ...head, node_id: NodeId, user_id: UserId })),

  node_joined: node(Type.Object({ ...head, node_id: NodeId, version: Type.String() })),
  node_left: node(Type.Object({ ...head, node_id: NodeId })),
} as const satisfies Record<string, EventSpec>;

export type EventType = keyof typeof EVENTS;
export type EventData<T extends EventType> = Static<(typeof EVENTS)[T]['data']>;

/** Where an event about `key` is published. */
export function subjectOf(type: EventType, key: string): Subject {
  return eventSubject(EVENTS[type].scope, key, type);
}

/** Where a room message is published that nothing keeps. */
export function passingMessageSubject(roomId: string): Subject {
  return ephemeralSubject('room', roomId, 'room_message');
}

/**
 * By which a repeat of an event is known: `id` of its data; of a room message `<epoch>:<seq>`. Undefined for what is not
 * numbered: it is sent at most once.
 */
export function eventId(data: unknown): string | undefined {
  const { id, epoch, seq } = data as { id?: string; epoch?: string; seq?: number };
  if (id !== undefined) return id;
  return epoch === undefined || seq === undefined ? undefined : messageEventId(epoch, seq);
}

export function messageEventId(epoch: string, seq: number): string {
  return `${epoch}:${seq}`;
}
