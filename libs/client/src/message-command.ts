import type { CommandData, DirectMessage, ReplyData, RoomMessage, Session } from '@hubbub/protocol';
import type { Command } from './command-entry.js';

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

/** @param sent called with the message at its place in the room */
export function roomMessageCommand(
  given: CommandData<'room_message'>,
  session: () => Session | null,
  sent: (message: RoomMessage) => void,
): Command {
  const data = copy(given);
  if (!data.ephemeral) data.idempotency_key ??= newKey();
  const onReply = (reply: unknown) => {
    const { room_id, epoch, seq, timestamp } = reply as ReplyData<'room_message'>;
    const place = seq === undefined ? { ephemeral: true as const } : { seq };
    sent({ room_id, epoch, ...sender(session()), content: data.content, timestamp, ...place });
  };
  const lane = roomLane(data.room_id);
  const type = 'room_message';
  // Old news is worth nothing to those who want no message kept.
  return { type, data, lane, now: data.ephemeral === true, idempotencyKey: data.idempotency_key, onReply };
}

/** @param sent called with the message at its place in the inbox */
export function directMessageCommand(
  given: CommandData<'direct_message'>,
  session: () => Session | null,
  sent: (message: DirectMessage) => void,
): Command {
  const data = copy(given);
  data.idempotency_key ??= newKey();
  const onReply = (reply: unknown) => {
    const { target_id, seq, timestamp } = reply as ReplyData<'direct_message'>;
    sent({ ...sender(session()), target_id, content: data.content, seq, timestamp });
  };
  const lane = `user:${data.target_id}`;
  return { type: 'direct_message', data, lane, idempotencyKey: data.idempotency_key, onReply };
}

function sender(session: Session | null): { sender_id: string; sender_name: string } {
  return { sender_id: session?.user_id ?? '', sender_name: session?.username ?? '' };
}

/** As the others will have it, and as it was when it was given. */
function copy<T>(data: T): T {
  return JSON.parse(JSON.stringify(data)) as T;
}

/** 32 characters. `crypto.randomUUID` would be shorter, but browsers have it on secure pages only. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
