import { type Connection, createHookDecorator } from '@hubbub/transport';
import type { RoomInfo } from './room-info.js';

/** A message as it goes to the members of a room. */
export interface PostedMessage {
  readonly roomId: string;
  readonly epoch: string;
  /** Absent for what is not kept. */
  readonly seq?: number;
  readonly senderId: string;
  readonly senderName: string;
  /** The exact JSON text that was sent. */
  readonly contentJson: string;
  /** Unix ms. */
  readonly timestamp: number;
  readonly ephemeral: boolean;
}

/** After a connection has joined a room and was told so. */
export const OnJoin = createHookDecorator<[connection: Connection, room: RoomInfo]>('room.join');

/** After a connection's membership has ended, however it did. */
export const OnLeave = createHookDecorator<[connection: Connection, room: RoomInfo]>('room.leave');

/** After a message was handed to the members here. `connection` is null for one posted over HTTP or by a service. */
export const OnMessage = createHookDecorator<[message: PostedMessage, connection: Connection | null]>('room.message');
