import type { InboxMessage, LoggedMessage } from './messages.js';

/**
 * `data` of a `room_message` (PROTOCOL §4) as JSON text, with the content as it was sent.
 * @param options.historic read from the log, not pushed as it happened
 */
export function encodeRoomMessage(message: LoggedMessage, options?: { historic?: boolean }): string {
  return (
    `{"room_id":${JSON.stringify(message.roomId)},"epoch":${JSON.stringify(message.epoch)},"seq":${message.seq}` +
    `,"sender_id":${JSON.stringify(message.senderId)},"sender_name":${JSON.stringify(message.senderName)}` +
    `,"content":${message.contentJson},"timestamp":${message.timestamp}` +
    `${message.redacted ? ',"redacted":true' : ''}${options?.historic ? ',"historic":true' : ''}}`
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
