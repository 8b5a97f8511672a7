import { type Envelope, isValid, RoomId, type TapItem, UserId } from '@hubbub/protocol';
import type { PostedMessage } from '@hubbub/rooms';

/** What a tap is about. */
export type Seen = Omit<TapItem, 'at' | 'node_id' | 'skipped'>;

/** Longest content that is shown, in characters of its JSON. */
const MAX_CONTENT = 4096;
/** Frames above this are not looked into for the room that they are about. */
const MAX_PARSED = 65_536;
/** Commands that hold what lets act as their sender: nobody is shown it. */
const SECRET = new Set(['authenticate']);

interface Whose {
  readonly connection_id?: string;
  readonly user_id?: string;
}

export function seenCommand(
  whose: Whose,
  { messageType, data, source }: Envelope,
  code: number,
  content: boolean,
): Seen {
  const text = content && !SECRET.has(messageType) ? JSON.stringify(data) : '';
  return {
    direction: 'in',
    ...whose,
    type: messageType,
    ...placeOf(data),
    bytes: Buffer.byteLength(source),
    code,
    ...shown(text),
  };
}

export function seenFrame(whose: Whose, type: string, dataJson: string, bytes: number, content: boolean): Seen {
  const data = dataJson.length > MAX_PARSED ? {} : (JSON.parse(dataJson) as unknown);
  return { direction: 'out', ...whose, type, ...placeOf(data), bytes, ...(content ? shown(dataJson) : {}) };
}

export function seenMessage(message: PostedMessage, connectionId: string | undefined, content: boolean): Seen {
  const { roomId, senderId, seq, contentJson } = message;
  return {
    direction: 'event',
    ...(connectionId === undefined ? {} : { connection_id: connectionId }),
    ...userOf(senderId),
    type: 'room_message',
    room_id: roomId,
    ...(seq === undefined ? {} : { seq }),
    bytes: Buffer.byteLength(contentJson),
    ...(content ? shown(contentJson) : {}),
  };
}

export function seenMember(type: 'room_joined' | 'room_left', roomId: string, userId: string): Seen {
  return { direction: 'event', ...userOf(userId), type, room_id: roomId, bytes: 0 };
}

/** @param body of the event: whom it concerns, who did it and why */
export function seenChange(type: string, roomId: string, body: object, content: boolean): Seen {
  const { user_id, actor_id } = body as Record<string, unknown>;
  const text = JSON.stringify(body);
  return {
    direction: 'event',
    ...userOf(user_id ?? actor_id),
    type,
    ...placeOf(body),
    room_id: roomId,
    bytes: Buffer.byteLength(text),
    ...(content ? shown(text) : {}),
  };
}

/** Only what is an id: whatever else stands at its place may be content. */
function placeOf(data: unknown): Pick<Seen, 'room_id' | 'seq'> {
  if (typeof data !== 'object' || data === null) return {};
  const { room_id: roomId, seq } = data as Record<string, unknown>;
  return {
    ...(isValid(RoomId, roomId) ? { room_id: roomId } : {}),
    ...(Number.isSafeInteger(seq) && Number(seq) >= 0 ? { seq: Number(seq) } : {}),
  };
}

function userOf(userId: unknown): Pick<Seen, 'user_id'> {
  return isValid(UserId, userId) ? { user_id: userId } : {};
}

function shown(json: string): Pick<Seen, 'data'> {
  return json === '' || json.length > MAX_CONTENT ? {} : { data: JSON.parse(json) as unknown };
}
