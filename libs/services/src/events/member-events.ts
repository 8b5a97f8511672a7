import { NodeInfo } from '@hubbub/bus';
import { type RoomObserver, Rooms } from '@hubbub/rooms';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Events } from './events.service.js';

/** Tells of the users who come to rooms at this node and leave them. */
@Injectable()
export class MemberEvents implements RoomObserver, OnModuleInit {
  constructor(
    private readonly rooms: Rooms,
    private readonly events: Events,
    private readonly node: NodeInfo,
  ) {}

  onModuleInit(): void {
    this.rooms.observe(this);
  }

  memberJoined(roomId: string, { userId, username }: { userId: string; username: string }): void {
    this.tell('room_joined', roomId, userId, username);
  }

  memberLeft(roomId: string, userId: string, username: string): void {
    this.tell('room_left', roomId, userId, username);
  }

  connectionsChanged(): void {
    // He is in the room all the same.
  }

  roomClosed(): void {
    // room_deleted says it of all of them.
  }

  private tell(type: 'room_joined' | 'room_left', roomId: string, userId: string, username: string): void {
    this.events.tell(type, roomId, { node_id: this.node.nodeId, room_id: roomId, user_id: userId, username });
  }
}
