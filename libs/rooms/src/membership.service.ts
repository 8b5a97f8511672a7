import { HubbubConfig } from '@hubbub/config';
import { Metrics } from '@hubbub/observability';
import { HubbubError } from '@hubbub/protocol';
import { type Connection, Connections, Hooks, type Identity, type Push } from '@hubbub/transport';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Attendance } from './attendance.js';
import { enforce } from './condition.js';
import { type Departure, Memberships, type Seat } from './memberships.js';
import { NOT_YET_IN, ROOMS_OF_CONNECTION } from './places.js';
import type { RoomChannel } from './room-channel.js';
import { RoomChannels } from './room-channels.js';
import { RoomDirectory } from './room-directory.js';
import type { RoomInfo } from './room-info.js';
import type { RoomObserver } from './room-observer.js';

/** A connection that has its seat, and gets nothing of the room before it was told. */
export interface Joining {
  readonly connection: Connection;
  readonly room: RoomInfo;
  readonly channel: RoomChannel<Connection>;
  /** Everything above follows as pushes. */
  readonly head: number;
}

/** Seats that run out together are freed together. */
const MIN_EXPIRY_MS = 20;

/** Who is in which room on this node: seats, what they are owed, and how both end. */
@Injectable()
export class RoomMembership implements OnModuleInit, OnApplicationShutdown {
  private readonly members = new Memberships<Connection>();
  private readonly joining = new Map<string, Joining>();
  private readonly observers: RoomObserver[] = [];
  private expiry: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: HubbubConfig,
    private readonly connections: Connections,
    private readonly hooks: Hooks,
    private readonly rooms: RoomDirectory,
    private readonly channels: RoomChannels,
    private readonly attendance: Attendance,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    this.metrics.rooms.collect(() => this.channels.size);
    this.metrics.members.collect(() => this.members.seatCount);
    this.connections.onClosed((connection, { clean }) => this.ended(connection, clean));
  }

  onApplicationShutdown(): void {
    clearTimeout(this.expiry);
  }

  /** Tells `observer` of everybody who comes and goes from now on. */
  observe(observer: RoomObserver): void {
    this.observers.push(observer);
  }

  has(roomId: string, connection: Connection): boolean {
    return this.members.has(roomId, connection);
  }

  seat(roomId: string, userId: string): Seat<Connection> | undefined {
    return this.members.seat(roomId, userId);
  }

  seats(roomId: string): Iterable<Seat<Connection>> {
    return this.members.seats(roomId);
  }

  count(roomId: string): number {
    return this.members.count(roomId);
  }

  /** Ids of the rooms in which somebody has a seat. */
  occupied(): Iterable<string> {
    return this.members.roomIds();
  }

  roomsOf(userId: string): ReadonlySet<string> {
    return this.members.roomsOf(userId);
  }

  roomsOfConnection(connection: Connection): Iterable<string> {
    return this.members.roomsOfConnection(connection);
  }

  /** Delivers `push` to all connections in the room on this node, in its place among the messages. */
  broadcast(roomId: string, push: Push, except: Connection | null = null): void {
    this.channels.get(roomId)?.broadcast(push, except);
  }

  /** Connections in the room on this node. */
  connectionCount(roomId: string): number {
    return this.channels.get(roomId)?.size ?? 0;
  }

  /** Whose connection it is. @throws HubbubError AlreadyInRoom, TooManyRooms; NotInRoom if the connection has ended */
  requirePlace(roomId: string, connection: Connection): Identity {
    const { identity } = connection;
    // A seat taken after the end would be nobody's to free.
    if (identity === null || !connection.isOpen) throw new HubbubError('NotInRoom');
    enforce(NOT_YET_IN, { isIn: this.members.has(roomId, connection) });
    const count = this.members.roomCountOf(connection);
    enforce(ROOMS_OF_CONNECTION, { count, most: this.config.limits.roomsPerConnection });
    return identity;
  }

  /**
   * Puts a connection on the seat that was taken for its user, held: nothing of the room reaches it before `admit`. Takes
   * over the use of `channel` and that of the seat.
   * @param since when the user is in the room, Unix ms
   * @throws HubbubError AlreadyInRoom, TooManyRooms; NotInRoom if the connection has ended
   */
  sit(connection: Connection, room: RoomInfo, channel: RoomChannel<Connection>, since: number): Joining {
    const identity = this.requirePlace(room.id, connection);
    const seating = this.members.join(room.id, connection, identity, since);
    if (seating === 'already') throw new HubbubError('AlreadyInRoom');
    const joining = { connection, room, channel, head: channel.hold(connection) };
    this.joining.set(joiningKey(room.id, connection), joining);
    const { seat, first } = seating;
    // All connections of a user are one use of his seat.
    if (!first) this.attendance.release(room.id, seat.userId);
    for (const observer of this.observers) {
      if (first) observer.memberJoined(room.id, seat, seat.joinedAt);
      else observer.connectionsChanged(room.id, seat.userId, seat.connections.size);
    }
    return joining;
  }

  /** Whether the seat of a join under way is still its own: a kick, a deletion or the connection's end takes it. */
  isCurrent(joining: Joining): boolean {
    return this.joining.get(joiningKey(joining.room.id, joining.connection)) === joining;
  }

  /** The connection was told: it gets what came meanwhile, and everything that follows. */
  admit(joining: Joining): void {
    const { connection, room, channel } = joining;
    if (!this.isCurrent(joining)) return;
    this.joining.delete(joiningKey(room.id, connection));
    channel.release(connection);
    this.metrics.joins.inc();
    void this.hooks.run('room.join', connection, this.rooms.peek(room.id) ?? room);
  }

  /** The join failed: its seat is free again. */
  giveUp(joining: Joining): void {
    if (this.isCurrent(joining)) this.leave(joining.room.id, joining.connection);
  }

  /** @throws HubbubError NotInRoom */
  leave(roomId: string, connection: Connection): void {
    const departure = this.members.leave(roomId, connection, Date.now());
    if (departure === null) throw new HubbubError('NotInRoom');
    this.departed(departure, connection);
  }

  /** Ends all of a user's memberships in a room, and the place that the grace keeps for him. */
  removeUser(roomId: string, userId: string): void {
    const seat = this.members.removeUser(roomId, userId);
    if (seat === null) return;
    this.left(seat);
    for (const connection of seat.connections) this.detach(roomId, connection);
  }

  /** The user is at another node by now: what the grace keeps for him here is free, as after a clean leave there. */
  freeKept(roomId: string, userId: string): void {
    const seat = this.members.freeKept(roomId, userId);
    if (seat !== null) this.left(seat);
  }

  /** Ends everybody's membership in a room that is no more. */
  closeRoom(room: RoomInfo): void {
    const seats = this.members.removeRoom(room.id);
    for (const { userId } of seats) this.attendance.release(room.id, userId);
    this.channels.drop(room.id);
    for (const observer of this.observers) observer.roomClosed(room.id);
    for (const seat of seats) for (const connection of seat.connections) this.farewell(room.id, connection, room);
  }

  private ended(connection: Connection, clean: boolean): void {
    const keepMs = clean ? 0 : this.config.presence.graceMs;
    for (const departure of this.members.end(connection, Date.now(), keepMs)) this.departed(departure, connection);
    this.scheduleExpiry();
  }

  private departed({ seat, left }: Departure<Connection>, connection: Connection): void {
    if (left) this.left(seat);
    else {
      for (const observer of this.observers) {
        observer.connectionsChanged(seat.roomId, seat.userId, seat.connections.size);
      }
    }
    this.detach(seat.roomId, connection);
  }

  private detach(roomId: string, connection: Connection): void {
    const room = this.rooms.peek(roomId);
    const channel = this.channels.get(roomId);
    channel?.remove(connection);
    if (channel) this.channels.release(roomId, channel);
    this.farewell(roomId, connection, room);
  }

  /** Tells the hooks, unless they were never told that this connection joined. */
  private farewell(roomId: string, connection: Connection, room: RoomInfo | undefined): void {
    if (this.joining.delete(joiningKey(roomId, connection))) return;
    this.metrics.leaves.inc();
    if (room !== undefined) void this.hooks.run('room.leave', connection, room);
  }

  private expire(): void {
    for (const seat of this.members.expire(Date.now())) this.left(seat);
  }

  private left({ roomId, userId, username }: Seat<Connection>): void {
    this.attendance.release(roomId, userId);
    for (const observer of this.observers) observer.memberLeft(roomId, userId, username);
  }

  /** One timer for all lost connections: set for the first that runs out, and then again for what is left. */
  private scheduleExpiry(): void {
    if (this.expiry !== undefined) return;
    const next = this.members.nextExpiry;
    if (next === undefined) return;
    this.expiry = setTimeout(
      () => {
        this.expiry = undefined;
        this.expire();
        this.scheduleExpiry();
      },
      Math.max(MIN_EXPIRY_MS, next - Date.now()),
    ).unref();
  }
}

function joiningKey(roomId: string, connection: Connection): string {
  return `${roomId} ${connection.id}`;
}
