import { HubbubError } from './errors.js';
import { nestsDeeperThan } from './raw-json.js';

/** Deepest nesting of arrays and objects in a frame. */
export const MAX_NESTING = 64;

/** What a client may correlate its command with: comes back as `request_id`, with its type. */
export type MessageId = number | string;

/** A decoded command. */
export interface Envelope {
  readonly messageType: string;
  readonly messageId: MessageId | undefined;
  /** `{}` where the frame has none. */
  readonly data: unknown;
  /** The frame as it came: `rawMember(source, 'data', …)` gives the exact text of a member. */
  readonly source: string;
}

/** A frame that is no envelope: with the id that its answer carries, where one could be read. */
export class EnvelopeError extends HubbubError {
  constructor(
    name: 'InvalidFormat' | 'InvalidMessageID',
    readonly messageId: MessageId | undefined,
    message?: string,
  ) {
    super(name, message === undefined ? {} : { message });
  }
}

export const MESSAGE_TYPE_PATTERN = '^[A-Za-z0-9_:.-]{1,64}$';
const MESSAGE_TYPE = new RegExp(MESSAGE_TYPE_PATTERN);

export function isMessageType(value: unknown): value is string {
  return typeof value === 'string' && MESSAGE_TYPE.test(value);
}

export function isMessageId(value: unknown): value is MessageId {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0;
  if (typeof value !== 'string' || value.length === 0) return false;
  // Characters, not UTF-16 units: counted only where that can make a difference.
  return value.length <= 64 || (value.length <= 128 && [...value].length <= 64);
}

/**
 * Decodes one frame.
 * @throws EnvelopeError for what is no JSON, no object, nested too deep, or has a bad `message_type` or `message_id`
 */
export function decodeEnvelope(source: string): Envelope {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    throw new EnvelopeError('InvalidFormat', undefined, 'The frame is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new EnvelopeError('InvalidFormat', undefined, 'The frame is not a JSON object.');
  }
  const { message_type, message_id, data } = value as Record<string, unknown>;
  if (message_id !== undefined && !isMessageId(message_id)) throw new EnvelopeError('InvalidMessageID', undefined);
  if (!isMessageType(message_type)) {
    throw new EnvelopeError('InvalidFormat', message_id, 'message_type must be 1 to 64 of A-Z a-z 0-9 _ : . -');
  }
  if (nestsDeeperThan(source, MAX_NESTING)) {
    throw new EnvelopeError('InvalidFormat', message_id, `The frame nests deeper than ${MAX_NESTING} levels.`);
  }
  return { messageType: message_type, messageId: message_id, data: data === undefined ? {} : data, source };
}

/**
 * Encodes an outbound frame around `data` that is JSON text already.
 * @param requestId present exactly when the frame answers a command that carried a `message_id`
 */
export function encodeEnvelope(
  messageType: string,
  dataJson: string,
  requestId: MessageId | undefined,
  timestamp: number = Date.now(),
): string {
  const id = requestId === undefined ? '' : `,"request_id":${encodeMessageId(requestId)}`;
  return `{"message_type":"${messageType}"${id},"data":${dataJson},"timestamp":${timestamp}}`;
}

function encodeMessageId(id: MessageId): string | number {
  return typeof id === 'number' ? id : JSON.stringify(id);
}
