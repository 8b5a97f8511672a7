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
