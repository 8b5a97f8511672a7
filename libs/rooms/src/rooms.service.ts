import { HubbubError, type RoomRole } from '@hubbub/protocol';
import type { Connection, Push } from '@hubbub/transport';
import { Injectable } from '@nestjs/common';
import { type Caller, requireAdmission } from './actor.js';
import { type ElsewhereObserver, FollowedRooms } from './followed-rooms.js';
import { type Joined, type JoinOptions, RoomJoins } from './joins.service.js';
import { RoomLifecycle } from './lifecycle.service.js';
import { RoomMembers } from './members.service.js';
import { RoomMembership } from './membership.service.js';
import { type NewMessage, type Posted, RoomPosting } from './posting.service.js';
import { RoomDirectory } from './room-directory.js';
import type { NewRoom, RoomInfo, RoomPatch } from './room-info.js';
import type { RoomObserver } from './room-observer.js';

/** A message of a service: its content is any value that JSON can hold. */
export interface ServiceMessage extends Omit<NewMessage, 'contentJson'> {
  readonly content: unknown;
}

/** A room with the role that the user who asks has in it. */
export interface CurrentRoom extends RoomInfo {
  readonly role: RoomRole;
}

/** Rooms for other libraries and for the services of an application, which may do everything. */
@Injectable()
export class Rooms {
  constructor(
    private readonly directory: RoomDirectory,
    private readonly lifecycle: RoomLifecycle,
    private readonly membership: RoomMembership,
    private readonly members: RoomMembers,
    private readonly followed: FollowedRooms,
    private readonly joins: RoomJoins,
    private readonly posting: RoomPosting,
  ) {}

  /** Tells `observer` of every user who comes to or goes from a room on this node from now on. */
  observe(observer: RoomObserver): void {
    this.membership.observe(observer);
  }

  /** @throws HubbubError RoomNotFound, ServerError */
  get(roomId: string): Promise<RoomInfo> {
    return this.directory.get(roomId);
  }

  /**
   * A room as the user of `connection` finds it.
   * @param options `member`: whether the connection has to be in it. Otherwise its user may join it
   * @throws HubbubError RoomNotFound, NotInRoom or Forbidden, Unauthorized, ServerError
   */
  async current(roomId: string, connection: Connection, { member }: { member: boolean }): Promise<CurrentRoom> {
    const { identity } = connection;
    if (identity === null) throw new HubbubError('Unauthorized');
    return this.directory.with(roomId, identity.userId, (room, role) => {
      if (!member) requireAdmission(identity, room, role);
      else if (!this.membership.has(roomId, connection)) throw new HubbubError('NotInRoom');
      return { ...room, role };
    });
  }

  /** Rooms in the database. */
  count(): Promise<number> {
    return this.lifecycle.count();
  }

  /** @param owner null: nobody's. @throws HubbubError RoomAlreadyExists, TooManyRooms, InvalidFormat, ServerError */
  create(room: NewRoom, owner: Caller = null): Promise<RoomInfo> {
    return this.lifecycle.create(room, owner);
  }

  /** @throws HubbubError RoomNotFound, InvalidFormat, ServerError */
  update(roomId: string, patch: RoomPatch): Promise<RoomInfo> {
    return this.lifecycle.update(roomId, patch, null);
  }

  /** @throws HubbubError RoomNotFound, ServerError */
  delete(roomId: string): Promise<void> {
    return this.lifecycle.remove(roomId, null);
  }

  /**
   * Lets a connection in by the rules that hold for its user.
   * @param tell called once, before anything of the room reaches the connection; if it throws, the join is undone
   * @throws HubbubError AlreadyInRoom, RoomNotFound, Forbidden, TooManyRooms, RoomFull, ServerError
   */
  join(
    connection: Connection,
    roomId: string,
    options: JoinOptions = {},
    tell: (joined: Joined) => void = () => undefined,
  ): Promise<void> {
    return this.joins.join(connection, roomId, options, tell);
  }

  /** @throws HubbubError NotInRoom */
  leave(connection: Connection, roomId: string): void {
    this.membership.leave(roomId, connection);
  }

  /** Posts to all connections in a room. @throws HubbubError RoomNotFound, ServerError (nothing was stored) */
  publish(roomId: string, { content, ...message }: ServiceMessage): Promise<Posted> {
    return this.posting.fromOutside(roomId, { ...message, contentJson: JSON.stringify(content) }, null);
  }

  /**
   * Sends `push` to all connections that are in the room on this node, in its place among the messages; those that are
   * being told of their join get it after that. Nothing if nobody is there.
   */
  broadcast(roomId: string, push: Push, options: { except?: Connection } = {}): void {
    this.membership.broadcast(roomId, push, options.except ?? null);
  }

  /** Connections in the room on this node, those included that are being told of their join. */
  connectionCount(roomId: string): number {
    return this.membership.connectionCount(roomId);
  }

  /** Rooms that the user is in on this node, those included where only the grace keeps his place. */
  roomsOf(userId: string): ReadonlySet<string> {
    return this.membership.roomsOf(userId);
  }

  roomsOfConnection(connection: Connection): Iterable<string> {
    return this.membership.roomsOfConnection(connection);
  }

  /** Whether the user has a place in the room, on whichever node. @throws HubbubError ServerError */
  isMember(roomId: string, userId: string): Promise<boolean> {
    return this.members.has(roomId, userId);
  }

  /** Users in a room, on all nodes. @throws HubbubError ServerError */
  memberCount(roomId: string): Promise<number> {
    return this.members.count(roomId);
  }

  /** Whether everybody who is in the room is known on this node: it has members here. A lone node knows all. */
  isKnown(roomId: string): boolean {
    return this.followed.isKnown(roomId);
  }

  /** Tells `observer` of the seats at other nodes, in rooms that have members here, from now on. */
  observeElsewhere(observer: ElsewhereObserver): void {
    this.followed.observers.push(observer);
  }
}
