import type { InboxMessage, LoggedMessage } from './messages.js';

/** A message to a room: a stored one has a number. */
export interface RoomMessage extends Omit<LoggedMessage, 'seq' | 'redacted'> {
  readonly seq?: number | undefined;
  readonly redacted?: boolean;
  /** Neither numbered nor kept, as its sender wanted. */
  readonly ephemeral?: boolean | undefined;
}

/**
 * `data` of a `room_message` (PROTOCOL §4) as JSON text, with the content as it was sent. Ids of rooms and epochs have no
 * characters that JSON escapes; a busy node does not look for any.
 * @param options.historic read from the log, not pushed as it happened
 */
export function encodeRoomMessage(message: RoomMessage, options?: { historic?: boolean }): string {
  const { seq } = message;
  return (
    `{"room_id":"${message.roomId}","epoch":"${message.epoch}"${seq === undefined ? '' : `,"seq":${seq}`}` +
    `,"sender_id":${JSON.stringify(message.senderId)},"sender_name":${JSON.stringify(message.senderName)}` +
    `,"content":${message.contentJson},"timestamp":${message.timestamp}` +
    `${message.redacted ? ',"redacted":true' : ''}${message.ephemeral ? ',"ephemeral":true' : ''}` +
    `${options?.historic ? ',"historic":true' : ''}}`
  );
}

/** `data` of a `direct_message` (PROTOCOL §4) as JSON text, for the owner of the inbox that `message.seq` counts in. */
export function encodeDirectMessage(message: InboxMessage): string {
  return (
    `{"sender_id":${JSON.stringify(message.senderId)},"sender_name":${JSON.stringify(message.senderName)}` +
    `,"target_id":${JSON.stringify(message.targetId)},"content":${message.contentJson}` +
    `,"seq":${message.seq},"timestamp":${message.timestamp}}`
  );
}
