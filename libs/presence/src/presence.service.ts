import { HubbubConfig } from '@hubbub/config';
import { HubbubError, MAX_STATE_BYTES } from '@hubbub/protocol';
import { type RoomObserver, Rooms } from '@hubbub/rooms';
import { Connections, Push } from '@hubbub/transport';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { PresenceState } from './presence-state.js';

/** Tells members who comes, goes and changes: what happens within `presence.coalesce_ms` in one push a room. */
@Injectable()
export class PresenceService implements RoomObserver, OnModuleInit, OnModuleDestroy {
  /** One for all rooms: runs from the first change of a window to its end. */
  private window: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: HubbubConfig,
    private readonly state: PresenceState,
    private readonly rooms: Rooms,
    private readonly connections: Connections,
  ) {}

  onModuleInit(): void {
    this.rooms.observe(this);
    this.connections.onUserOffline((userId) => this.forgetIfGone(userId));
  }

  onModuleDestroy(): void {
    clearTimeout(this.window);
  }

  memberJoined(roomId: string, user: { userId: string; username: string }, at: number): void {
    this.state.join(roomId, user, at);
    this.openWindow();
  }

  connectionsChanged(roomId: string, userId: string, connections: number): void {
    this.state.setConnections(roomId, userId, connections);
  }

  memberLeft(roomId: string, userId: string): void {
    this.state.leave(roomId, userId);
    this.forgetIfGone(userId);
    this.openWindow();
  }

  roomClosed(roomId: string): void {
    for (const userId of this.state.close(roomId)) this.forgetIfGone(userId);
  }

  /**
   * Sets a user's state in one room, or in all his rooms and those he joins later.
   * @throws HubbubError NotInRoom; InvalidFormat for a state over 1 KiB of JSON
   */
  setState(userId: string, roomId: string | undefined, state: object): void {
    const json = JSON.stringify(state);
    if (Buffer.byteLength(json) > MAX_STATE_BYTES) {
      const details = [{ path: '/state', message: `must not be larger than ${MAX_STATE_BYTES} bytes` }];
      throw new HubbubError('InvalidFormat', { details });
    }
    if (roomId === undefined) {
      this.state.setUserState(userId, this.rooms.roomsOf(userId), json, Date.now());
    } else {
      if (!this.rooms.isMember(roomId, userId)) throw new HubbubError('NotInRoom');
      this.state.setRoomState(roomId, userId, json, Date.now());
    }
    this.openWindow();
  }

  /** The state of a user who has neither a connection nor a place would be kept for ever. */
  private forgetIfGone(userId: string): void {
    if (this.connections.ofUser(userId).size === 0 && this.rooms.roomsOf(userId).size === 0) this.state.forget(userId);
  }

  private openWindow(): void {
    if (this.window !== undefined || !this.state.hasChanges) return;
    this.window = setTimeout(() => this.closeWindow(), this.config.presence.coalesceMs);
    this.window.unref();
  }

  private closeWindow(): void {
    this.window = undefined;
    for (const { roomId, joined, left, updated, memberCount } of this.state.drain(this.config.presence.listMax)) {
      const data = {
        room_id: roomId,
        joined: [...joined],
        left: [...left],
        updated: [...updated],
        member_count: memberCount,
      };
      this.rooms.broadcast(roomId, Push.of('presence', data));
    }
  }
}
