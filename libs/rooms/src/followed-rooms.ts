import { NodeInfo } from '@hubbub/bus';
import { Injectable } from '@nestjs/common';
import type { NodeSeat } from './attendance-store.js';
import type { RoomInfo } from './room-info.js';
import type { Attendee, SeatsChange } from './seat-decisions.js';
import { VersionLine } from './version-line.js';
import type { KnownVersion } from './version-store.js';

/** Told of the seats at other nodes, in rooms that have members here. */
export interface ElsewhereObserver {
  /**
   * All seats that other nodes have, in place of what was told of the room before.
   * @param isNew that this node has just begun to follow the room: nobody has come
   * @returns resolved when whoever joins may be told of them
   */
  seatsElsewhere(roomId: string, seats: readonly NodeSeat[], isNew: boolean): Promise<void> | void;
  seatTaken(roomId: string, nodeId: string, attendee: Attendee): void;
  seatFreed(roomId: string, nodeId: string, userId: string): void;
  /** All the user's seats at other nodes are free: he was kicked or banned. */
  seatsRevoked(roomId: string, userId: string): void;
  /** Nobody here is in the room any more: nothing more is told of it. */
  unfollowed(roomId: string): void;
}

/** What a numbered change of a room did to its seats: those of one node, or all of a user; null where it did nothing. */
export type SeatNews =
  | (Pick<SeatsChange, 'joined' | 'left'> & { readonly nodeId: string })
  | { readonly revoked: string }
  | null;

/** A room with members on this node. */
export interface FollowedRoom {
  readonly epoch: string;
  readonly line: VersionLine<SeatNews>;
  /** Resolved once the seats of all nodes are known; null once it is known that they could not be read. */
  ready: Promise<void> | null;
}

/** The rooms with members on this node, in a cluster: what is known of their seats at other nodes. */
@Injectable()
export class FollowedRooms {
  readonly observers: ElsewhereObserver[] = [];
  private readonly rooms = new Map<string, FollowedRoom>();

  constructor(private readonly node: NodeInfo) {}

  /** Whether there may be other nodes. */
  get isClustered(): boolean {
    return this.node.clustered;
  }

  /** Whether everybody who is in the room is known here. */
  isKnown(roomId: string): boolean {
    if (!this.node.clustered) return true;
    const followed = this.rooms.get(roomId);
    return followed !== undefined && followed.line.at !== null;
  }

  /** Whether a change has taken effect here, as everything up to its number has. */
  isPast({ id, epoch }: Pick<RoomInfo, 'id' | 'epoch'>, version: number): boolean {
    const followed = this.rooms.get(id);
    return version > 0 && followed?.epoch === epoch && version <= (followed.line.at ?? 0);
  }

  get(roomId: string): FollowedRoom | undefined {
    return this.rooms.get(roomId);
  }

  add(roomId: string, followed: FollowedRoom): void {
    this.rooms.set(roomId, followed);
  }

  get size(): number {
    return this.rooms.size;
  }

  /** @returns false if it was not followed */
  delete(roomId: string): boolean {
    return this.rooms.delete(roomId);
  }

  /** Up to which change each room is known; -1 before its first reading. */
  *versions(): Generator<KnownVersion> {
    for (const [roomId, { epoch, line }] of this.rooms) yield [roomId, { epoch, version: line.at ?? -1 }];
  }
}
