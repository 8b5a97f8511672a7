import { encodeRoomMessage, type LoggedMessage } from '@hubbub/messages';
import { RawJson } from '@hubbub/transport';
import type { Joined } from './joins.service.js';
import type { RoomMembers } from './members.service.js';
import { wireRoom } from './room-info.js';

/** Members told with a join; the rest by `room_members`. */
const JOIN_MEMBERS = 100;

/** How long texts are remembered, in milliseconds: they may be as large as the log's memory, whose limit they are not in. */
const REMEMBERED_MS = 1000;

/** Texts of lists that the log hands out again while they are the same. */
let encoded = new WeakMap<readonly LoggedMessage[], string>();
let forgetting: NodeJS.Timeout | null = null;

/** `data` of `room_joined` as text: the messages keep every character of their content. @param reader who is told */
export function joinReply(
  { room, seq, recovered, missed, messages }: Joined,
  members: RoomMembers,
  reader: string | undefined,
): RawJson {
  const count = members.countHere(room.id);
  const page = members.pageHere(room.id, { limit: JOIN_MEMBERS, reader });
  return new RawJson(
    `{"room_id":${JSON.stringify(room.id)},"status":"joined","room":${JSON.stringify(wireRoom(room, count))}` +
      `,"epoch":${JSON.stringify(room.epoch)},"seq":${seq},"recovered":${recovered},"missed":${missed}` +
      `,"messages":[${encodePast(messages)}],"members":${JSON.stringify(page.members)},"member_count":${count}}`,
  );
}

function encodePast(messages: readonly LoggedMessage[]): string {
  if (messages.length === 0) return '';
  let text = encoded.get(messages);
  if (text === undefined) {
    text = messages.map((message) => encodeRoomMessage(message, { historic: true })).join(',');
    encoded.set(messages, text);
    forgetting ??= setTimeout(forget, REMEMBERED_MS).unref();
  }
  return text;
}

function forget(): void {
  encoded = new WeakMap();
  forgetting = null;
}
