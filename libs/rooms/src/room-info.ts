import type { Room } from '@hubbub/protocol';
import type { Visibility } from './policy.js';
import type { RoomEntity } from './room.entity.js';

/** What is known of a room apart from who is in it. Immutable: a change makes another. */
export interface RoomInfo {
  readonly id: string;
  readonly epoch: string;
  readonly name: string;
  /** Absent in rooms made by a service without an owner. */
  readonly ownerId?: string;
  readonly visibility: Visibility;
  readonly history: 'durable' | 'none';
  /** Most users in it; 0 = no limit. */
  readonly maxClients: number;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Unix ms. */
  readonly createdAt: number;
}

/** What can be changed about a room. */
export type RoomPatch = Partial<Pick<RoomInfo, 'name' | 'maxClients' | 'visibility' | 'metadata'>>;

export interface NewRoom extends RoomPatch {
  /** @default one that is made up */
  readonly id?: string;
  /** @default durable */
  readonly history?: RoomInfo['history'];
}

export function infoOf(row: RoomEntity): RoomInfo {
  return {
    id: row.id,
    epoch: row.epoch,
    name: row.name,
    ...(row.ownerId === null ? {} : { ownerId: row.ownerId }),
    visibility: row.visibility,
    history: row.history,
    maxClients: row.maxClients,
    metadata: JSON.parse(row.metadata) as Record<string, unknown>,
    createdAt: row.createdAt,
  };
}

export function rowOf(room: RoomInfo): RoomEntity {
  return { ...room, ownerId: room.ownerId ?? null, metadata: JSON.stringify(room.metadata) };
}

/** The room of PROTOCOL §5. */
export function wireRoom(room: RoomInfo, memberCount: number): Room {
  return {
    id: room.id,
    name: room.name,
    ...(room.ownerId === undefined ? {} : { owner_id: room.ownerId }),
    visibility: room.visibility,
    history: room.history,
    max_clients: room.maxClients,
    member_count: memberCount,
    metadata: room.metadata,
    created_at: room.createdAt,
  };
}

interface WireFields {
  readonly name?: string | undefined;
  readonly max_clients?: number | undefined;
  readonly visibility?: Visibility | undefined;
  readonly history?: RoomInfo['history'] | undefined;
  readonly metadata?: Record<string, unknown> | undefined;
}

/** What `update_room` and PATCH say, in our names. */
export function patchOf({ name, max_clients: maxClients, visibility, metadata }: WireFields): RoomPatch {
  return { name, maxClients, visibility, metadata };
}

/** What `create_room` and POST say, in our names. */
export function newRoomOf(id: string | undefined, wanted: WireFields): NewRoom {
  return { ...patchOf(wanted), id, history: wanted.history };
}
