import { ReadMarkers } from '@hubbub/messages';
import { HubbubError, type ListedRoom, ROOM_ID_PATTERN } from '@hubbub/protocol';
import { Database } from '@hubbub/storage';
import { Injectable } from '@nestjs/common';
import { type Caller, requireAdmission } from './actor.js';
import { RoomMembers } from './members.service.js';
import { RoomDirectory } from './room-directory.js';
import { wireRoom } from './room-info.js';
import { roomStore } from './room-store.js';

export interface ListOptions {
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
  /** 1–200. @default 50 */
  readonly limit?: number;
  /** Only ids that begin so. */
  readonly prefix?: string;
  /** Only rooms that the caller is in. */
  readonly joined?: boolean;
}

export interface RoomPage {
  readonly rooms: ListedRoom[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
}

const DEFAULT_LIMIT = 50;
const ROOM_ID = new RegExp(ROOM_ID_PATTERN);

/** Shows rooms to those who may see them, in the order of their ids: rooms that come and go shift nobody's pages. */
@Injectable()
export class RoomListing {
  constructor(
    private readonly database: Database,
    private readonly rooms: RoomDirectory,
    private readonly members: RoomMembers,
    private readonly markers: ReadMarkers,
  ) {}

  /** @throws HubbubError InvalidFormat for a cursor that was never given, ServerError */
  async list(options: ListOptions, caller: Caller): Promise<RoomPage> {
    const limit = options.limit ?? DEFAULT_LIMIT;
    const scope = await this.scope(options.joined ?? false, caller);
    const found = await this.database.read((manager) =>
      roomStore.list(manager, {
        limit: limit + 1,
        ...(options.cursor === undefined ? {} : { after: idOfCursor(options.cursor) }),
        ...(options.prefix === undefined ? {} : { prefix: options.prefix }),
        ...scope,
      }),
    );
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const ids = page.map(({ id }) => id);
    const unread = await this.unread(ids, caller);
    const count = await this.members.counts(ids);
    const rooms = page.map((room) => ({ ...wireRoom(room, count(room.id)), ...unread(room.id) }));
    return found.length > limit && last ? { rooms, nextCursor: cursorOf(last.id) } : { rooms };
  }

  /** One room. @throws HubbubError RoomNotFound, Forbidden if the caller may not join it, ServerError */
  async get(roomId: string, caller: NonNullable<Caller>): Promise<ListedRoom> {
    const room = await this.rooms.with(roomId, caller.userId, (found, role) => {
      requireAdmission(caller, found, role);
      return found;
    });
    const unread = await this.unread([roomId], caller);
    return { ...wireRoom(room, await this.members.count(roomId)), ...unread(roomId) };
  }

  private async scope(joined: boolean, caller: Caller): Promise<{ ids?: string[]; seenBy?: string }> {
    // Whoever is in a room knows it, also if he was let in by a role that he has no more.
    if (joined) return { ids: caller === null ? [] : [...(await this.members.roomsOf(caller.userId))] };
    return caller === null || caller.permissions.has('admin:room') ? {} : { seenBy: caller.userId };
  }

  private async unread(ids: string[], caller: Caller): Promise<(roomId: string) => { unread?: number }> {
    if (caller === null || ids.length === 0) return () => ({});
    const counts = await this.markers.unread(caller.userId, ids);
    return (roomId) => {
      const unread = counts.get(roomId);
      return unread === undefined ? {} : { unread };
    };
  }
}

function cursorOf(roomId: string): string {
  return Buffer.from(roomId).toString('base64url');
}

function idOfCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (ROOM_ID.test(id)) return id;
  throw new HubbubError('InvalidFormat', { details: [{ path: '/cursor', message: 'must be a next_cursor' }] });
}
