import { isDeepStrictEqual } from 'node:util';
import { MessageLog } from '@hubbub/messages';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Attendance } from './attendance.js';
import { DatabaseAttendance, type StoredRoom, type Wanted } from './database-attendance.js';
import { type FollowedRoom, FollowedRooms, type SeatNews } from './followed-rooms.js';
import { RoomMembership } from './membership.service.js';
import { type RoomChange, RoomChanges } from './room-changes.js';
import { RoomDirectory } from './room-directory.js';
import { RoomFeed, type RoomNote } from './room-feed.js';
import type { RoomInfo } from './room-info.js';
import type { RoomObserver } from './room-observer.js';
import type { SeatsChange } from './seat-decisions.js';
import { VersionLine } from './version-line.js';
import type { RoomVersion } from './version-store.js';

/** What a node did to the seats of a room. */
type SeatsNote = RoomNote & { readonly kind: 'seats' } & Omit<SeatsChange, 'roomId'>;

/** Notes overtake each other: a hole is given so long before the room is read. */
const HOLE_MS = 30;
/** Rooms read at once. */
const READ_AT_ONCE = 200;

/**
 * Follows the rooms that have members here: hears from other nodes what happens to their seats, notices by the numbers of
 * the changes what it did not hear, and then reads the room and makes good what is not as it should be. On a lone node
 * there is nothing to follow.
 */
@Injectable()
export class RoomFollowing implements RoomObserver, OnModuleInit {
  private readonly logger = new Logger('RoomFollowing');
  /** Null on a lone node. */
  private readonly seats: DatabaseAttendance | null;
  private readonly stale = new Set<string>();
  private reading: Promise<void> | null = null;

  constructor(
    attendance: Attendance,
    private readonly rooms: FollowedRooms,
    private readonly feed: RoomFeed,
    private readonly membership: RoomMembership,
    private readonly directory: RoomDirectory,
    private readonly changes: RoomChanges,
    private readonly log: MessageLog,
  ) {
    this.seats = attendance instanceof DatabaseAttendance ? attendance : null;
  }

  onModuleInit(): void {
    if (this.seats === null) return;
    this.membership.observe(this);
    this.feed.on<SeatsNote>('seats', (roomId, { epoch, version, joined, left }, nodeId) =>
      this.hear(roomId, epoch, version, { nodeId, joined, left }),
    );
    this.seats.onChanged(({ roomId, ...change }) => {
      this.feed.publish<SeatsNote>(roomId, { kind: 'seats', ...change });
      this.hear(roomId, change.epoch, change.version, null);
    });
    this.changes.onApplied((change) => this.hear(change.room.id, change.room.epoch, change.version, newsOf(change)));
  }

  /** Resolves once everybody in a room that has members here is known. @throws HubbubError ServerError */
  async ready(roomId: string): Promise<void> {
    const followed = this.rooms.get(roomId);
    if (followed !== undefined) await (followed.ready ??= this.firstReading(roomId, followed));
  }

  memberJoined(roomId: string): void {
    const room = this.directory.peek(roomId);
    if (room === undefined || this.rooms.get(roomId) !== undefined) return;
    // Notes that come from now on wait until the seats have been read.
    const followed: FollowedRoom = { epoch: room.epoch, line: new VersionLine(), ready: null };
    this.rooms.add(roomId, followed);
    followed.ready = this.firstReading(roomId, followed);
  }

  connectionsChanged(): void {
    // No seat is taken or freed by it.
  }

  memberLeft(roomId: string): void {
    if (this.membership.count(roomId) === 0) this.end(roomId);
  }

  roomClosed(roomId: string): void {
    this.end(roomId);
  }

  /** Learns how far the numbering of a room is; `null`: the room is no more, or another. */
  expect(roomId: string, stored: RoomVersion | null): void {
    const followed = this.rooms.get(roomId);
    if (followed === undefined) return;
    if (stored?.epoch !== followed.epoch) return void this.reload(roomId);
    followed.line.expect(stored.version);
    this.reloadIfBehind(roomId, followed);
  }

  /** Reads a room as it is stored, and makes good what is not so here. Resolves when that is done, or could not be. */
  reload(roomId: string): Promise<void> {
    this.stale.add(roomId);
    this.reading ??= this.readStale().finally(() => {
      this.reading = null;
    });
    return this.reading;
  }

  private firstReading(roomId: string, followed: FollowedRoom): Promise<void> {
    let told: Promise<void> | void;
    const ready = this.read(new Map([[roomId, null]]), (stored) => {
      told = this.adopt(roomId, stored);
    }).then(() => told);
    ready.catch((error: unknown) => {
      this.logger.debug({ msg: 'room not read', roomId, err: error });
      // Whoever joins next tries again: somebody whose place is kept may hold the room meanwhile.
      followed.ready = null;
    });
    return ready;
  }

  private hear(roomId: string, epoch: string, version: number, news: SeatNews): void {
    const followed = this.rooms.get(roomId);
    if (followed?.epoch !== epoch || version === 0) return;
    for (const each of followed.line.offer(version, news)) this.tell(roomId, each);
    this.reloadIfBehind(roomId, followed);
  }

  private reloadIfBehind(roomId: string, followed: FollowedRoom): void {
    // Before the first reading there is nothing to compare with.
    if (followed.line.at === null || !followed.line.isBehind) return;
    setTimeout(() => {
      if (this.rooms.get(roomId) === followed && followed.line.isBehind) void this.reload(roomId);
    }, HOLE_MS).unref();
  }

  private async readStale(): Promise<void> {
    while (this.stale.size > 0) {
      const roomIds = [...this.stale].slice(0, READ_AT_ONCE);
      for (const roomId of roomIds) this.stale.delete(roomId);
      try {
        const wanted = new Map(roomIds.map((roomId) => [roomId, this.rooms.get(roomId)?.line.at ?? null]));
        await this.read(wanted, (stored) => {
          for (const roomId of roomIds) void this.adopt(roomId, stored);
        });
      } catch (error) {
        // Whoever looks after the numbers finds out again.
        this.logger.debug({ msg: 'rooms not read', rooms: roomIds.length, err: error });
      }
    }
  }

  private async read(wanted: Wanted, use: (rooms: ReadonlyMap<string, StoredRoom>) => void): Promise<void> {
    await this.seats?.read(wanted, use);
  }

  private adopt(roomId: string, rooms: ReadonlyMap<string, StoredRoom>): Promise<void> | void {
    const followed = this.rooms.get(roomId);
    const room = this.directory.peek(roomId);
    if (followed === undefined || room === undefined) return;
    const stored = rooms.get(roomId);
    if (stored?.epoch !== followed.epoch) return this.changes.deleted(room);
    const { at } = followed.line;
    if (at === null || stored.version > at) this.takeOver(stored, room, followed.line);
    for (const userId of stored.lost) this.changes.unseated(stored.room, userId);
    // Whoever was lost may have been the last one here.
    if (this.rooms.get(roomId) !== followed || (at !== null && stored.version <= at)) return;
    const due = followed.line.reset(stored.version);
    const told = this.rooms.observers.map(async (observer) =>
      observer.seatsElsewhere(roomId, this.elsewhere(stored), at === null),
    );
    for (const news of due) this.tell(roomId, news);
    return Promise.all(told).then(() => undefined);
  }

  /** What the room is, when it is not known what happened to it. */
  private takeOver({ room, version, redactions }: StoredRoom, known: RoomInfo, line: VersionLine<SeatNews>): void {
    const isNew = line.at === null;
    if (!isNew) this.directory.forgetRoles();
    // Something may have been redacted, by what is not kept any more too.
    this.log.forget(room.id);
    for (const [redaction, seq] of redactions) {
      // One that waits behind a hole was told when it came.
      if (!line.isWaiting(redaction)) this.changes.redacted(room, redaction, seq);
    }
    // Whoever is joining is told of the room as it is.
    if (isNew || isDeepStrictEqual(room, known)) this.directory.changed(room, version);
    else this.changes.updated(room, version);
  }

  private elsewhere({ seats }: StoredRoom) {
    return seats.filter(({ nodeId }) => nodeId !== this.seats?.nodeId);
  }

  private tell(roomId: string, news: SeatNews): void {
    if (news === null) return;
    for (const observer of this.rooms.observers) {
      if ('revoked' in news) observer.seatsRevoked(roomId, news.revoked);
      else {
        for (const attendee of news.joined) observer.seatTaken(roomId, news.nodeId, attendee);
        for (const userId of news.left) observer.seatFreed(roomId, news.nodeId, userId);
      }
    }
    if ('joined' in news) for (const { userId } of news.joined) this.membership.freeKept(roomId, userId);
  }

  private end(roomId: string): void {
    if (!this.rooms.delete(roomId)) return;
    for (const observer of this.rooms.observers) observer.unfollowed(roomId);
  }
}

function newsOf(change: RoomChange): SeatNews {
  const isRevoked = change.kind === 'kicked' || (change.kind === 'member_set' && change.act.role === 'banned');
  return isRevoked ? { revoked: change.act.userId } : null;
}
