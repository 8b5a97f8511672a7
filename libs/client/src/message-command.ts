import type { CommandData, DirectMessage, ReplyData, RoomMessage, Session } from '@hubbub/protocol';
import type { Command } from './command-entry.js';
import type { KeptMessage } from './outbox-store.js';

/**
 * Messages as commands: with a key, so that they can be sent again, in the lane of their room or user, and as the message
 * that others see once the reply has told their place.
 */

export function roomLane(roomId: string): string {
  return `room:${roomId}`;
}

/** The room of a lane; undefined if it is a user's. */
export function roomOfLane(lane: string): string | undefined {
  return lane.startsWith('room:') ? lane.slice('room:'.length) : undefined;
}

export function laneOf({ type, target }: Pick<KeptMessage, 'type' | 'target'>): string {
  return type === 'room_message' ? roomLane(target) : `user:${target}`;
}

/** Where one's own messages are put once the reply has told their place. */
export interface OwnMessages {
  session(): Session | null;
  roomMessage(message: RoomMessage): void;
  directMessage(message: DirectMessage): void;
}

/** A message that is sent until it is answered. */
export function messageCommand(message: KeptMessage, own: OwnMessages): Command {
  const { type, key: idempotency_key, target, content } = message;
  const isOfRoom = type === 'room_message';
  const data = { [isOfRoom ? 'room_id' : 'target_id']: target, content, idempotency_key };
  const onReply = isOfRoom ? toRoom(content, own) : toInbox(target, content, own);
  return { type, data, lane: laneOf(message), idempotencyKey: idempotency_key, onReply };
}

/** Old news is worth nothing to those who want no message kept: now or never. */
export function ephemeralCommand(data: CommandData<'room_message'>, own: OwnMessages): Command {
  const lane = roomLane(data.room_id);
  return { type: 'room_message', data, lane, now: true, onReply: toRoom(copy(data.content), own) };
}

function toRoom(content: unknown, own: OwnMessages): (reply: unknown) => void {
  return (reply) => {
    const { room_id, epoch, seq, timestamp } = reply as ReplyData<'room_message'>;
    const place = seq === undefined ? { ephemeral: true as const } : { seq };
    own.roomMessage({ room_id, epoch, ...sender(own.session()), content, timestamp, ...place });
  };
}

function toInbox(target_id: string, content: unknown, own: OwnMessages): (reply: unknown) => void {
  return (reply) => {
    const { seq, timestamp } = reply as ReplyData<'direct_message'>;
    own.directMessage({ ...sender(own.session()), target_id, content, seq, timestamp });
  };
}

function sender(session: Session | null): { sender_id: string; sender_name: string } {
  return { sender_id: session?.user_id ?? '', sender_name: session?.username ?? '' };
}

/** As the others will have it, and as it was when it was given. */
export function copy<T>(data: T): T {
  return data === undefined ? data : (JSON.parse(JSON.stringify(data)) as T);
}

/** 32 characters. `crypto.randomUUID` would be shorter, but browsers have it on secure pages only. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
