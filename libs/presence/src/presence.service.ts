import { NodeInfo } from '@hubbub/bus';
import { ClusterClock } from '@hubbub/cluster';
import { HubbubConfig } from '@hubbub/config';
import { HubbubError, MAX_STATE_BYTES } from '@hubbub/protocol';
import {
  type Attendee,
  type ElsewhereObserver,
  type NodeSeat,
  RoomEvents,
  type RoomObserver,
  Rooms,
} from '@hubbub/rooms';
import { Connections, Push } from '@hubbub/transport';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { PresenceExchange } from './presence-exchange.js';
import { PresencePace } from './presence-pace.js';
import { PresenceState } from './presence-state.js';
import type { PresenceDiff } from './presence-window.js';

/**
 * Tells members who comes, goes and changes: what happens within `presence.coalesce_ms` in one push a room, in a large one
 * what happens within its rest.
 */
@Injectable()
export class PresenceService implements RoomObserver, ElsewhereObserver, OnModuleInit, OnModuleDestroy {
  /** One for all rooms: runs from the first change of a window to its end. */
  private window: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: HubbubConfig,
    private readonly state: PresenceState,
    private readonly pace: PresencePace,
    private readonly rooms: Rooms,
    private readonly connections: Connections,
    private readonly exchange: PresenceExchange,
    private readonly clock: ClusterClock,
    private readonly node: NodeInfo,
    private readonly events: RoomEvents,
  ) {}

  onModuleInit(): void {
    this.rooms.observe(this);
    this.rooms.observeElsewhere(this);
    this.exchange.onLearned(() => this.openWindow());
    this.connections.onUserOffline((userId) => this.forgetIfGone(userId));
  }

  onModuleDestroy(): void {
    clearTimeout(this.window);
  }

  memberJoined(roomId: string, user: { userId: string; username: string }, at: number): void {
    this.state.join(roomId, user, at);
    if (this.state.userState(user.userId) !== null) this.exchange.changed(roomId, user.userId);
    else if (this.rooms.roomsOf(user.userId).size === 1) void this.exchange.arrived(user.userId);
    this.openWindow();
  }

  connectionsChanged(roomId: string, userId: string, connections: number): void {
    this.state.setConnections(roomId, userId, connections);
    this.exchange.changed(roomId, userId);
    this.openWindow();
  }

  memberLeft(roomId: string, userId: string): void {
    this.state.leave(roomId, userId);
    this.exchange.left(roomId, userId);
    this.forgetIfGone(userId);
    this.openWindow();
  }

  roomClosed(roomId: string): void {
    this.exchange.unfollowed(roomId);
    this.pace.forget(roomId);
    for (const userId of this.state.close(roomId)) this.forgetIfGone(userId);
  }

  seatsElsewhere(roomId: string, seats: readonly NodeSeat[], isNew: boolean): Promise<void> {
    this.state.settle(roomId, seats, isNew);
    this.openWindow();
    return this.exchange.follow(roomId, seats, isNew);
  }

  seatTaken(roomId: string, nodeId: string, attendee: Attendee): void {
    this.state.enter(roomId, nodeId, attendee);
    this.openWindow();
  }

  seatFreed(roomId: string, nodeId: string, userId: string): void {
    this.state.exit(roomId, nodeId, userId);
    this.openWindow();
  }

  seatsRevoked(roomId: string, userId: string): void {
    this.state.revoke(roomId, userId);
    this.openWindow();
  }

  unfollowed(roomId: string): void {
    this.roomClosed(roomId);
  }

  /**
   * Sets a user's state in one room, or in all his rooms and those he joins later.
   * @throws HubbubError NotInRoom; InvalidFormat for a state over 1 KiB of JSON
   */
  async setState(userId: string, roomId: string | undefined, state: Record<string, unknown>): Promise<void> {
    const json = JSON.stringify(state);
    if (Buffer.byteLength(json) > MAX_STATE_BYTES) {
      const details = [{ path: '/state', message: `must not be larger than ${MAX_STATE_BYTES} bytes` }];
      throw new HubbubError('InvalidFormat', { details });
    }
    if (roomId === undefined) this.setEverywhere(userId, json);
    else await this.setInRoom(userId, roomId, json);
    this.openWindow();
    const { nodeId: node_id } = this.node;
    for (const changed of roomId === undefined ? this.rooms.roomsOf(userId) : [roomId]) {
      this.events.tell('presence', changed, () => ({ node_id, user_id: userId, state }));
    }
  }

  private setEverywhere(userId: string, json: string): void {
    const roomIds = this.rooms.roomsOf(userId);
    this.state.setUserState(userId, roomIds, json, this.clock.now());
    for (const roomId of roomIds) this.exchange.changed(roomId, userId);
    this.exchange.userChanged(userId);
  }

  private async setInRoom(userId: string, roomId: string, json: string): Promise<void> {
    if (!(await this.rooms.isMember(roomId, userId))) throw new HubbubError('NotInRoom');
    if (this.rooms.isKnown(roomId)) {
      this.state.setRoomState(roomId, userId, json, this.clock.now());
      this.exchange.changed(roomId, userId);
    } else this.exchange.changedElsewhere(roomId, userId, { json, at: this.clock.now(), by: this.node.nodeId });
  }

  /** The state of a user who has neither a connection nor a place would be kept for ever. */
  private forgetIfGone(userId: string): void {
    if (this.connections.ofUser(userId).size === 0 && this.rooms.roomsOf(userId).size === 0) this.state.forget(userId);
  }

  private openWindow(): void {
    if (this.window !== undefined || !(this.state.hasChanges || this.exchange.hasNews)) return;
    this.window = setTimeout(() => this.closeWindow(), this.config.presence.coalesceMs);
    this.window.unref();
  }

  private closeWindow(): void {
    this.window = undefined;
    this.exchange.flush();
    const now = performance.now();
    const isDue = (roomId: string) => this.rooms.isKnown(roomId) && !this.pace.isResting(roomId, now);
    for (const diff of this.state.drain(this.config.presence.listMax, isDue)) this.tell(diff, now);
    // What is not due yet.
    this.openWindow();
  }

  private tell({ roomId, joined, left, updated, memberCount }: PresenceDiff, now: number): void {
    const lists = { joined: [...joined], left: [...left], updated: [...updated] };
    this.rooms.broadcast(roomId, Push.of('presence', { room_id: roomId, ...lists, member_count: memberCount }));
    this.pace.told(roomId, this.rooms.connectionCount(roomId), now, this.config.presence.coalesceMs);
  }
}
