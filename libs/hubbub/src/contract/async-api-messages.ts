import { ERRORS } from '@hubbub/protocol';
import type { Catalogue, CommandEntry, EventEntry, JsonSchema, PushEntry } from '@hubbub/protocol/contract';
import { hintsOf, messageSchema } from './async-api-schemas.js';

export interface Ref {
  readonly $ref: string;
}

/** One message of an AsyncAPI document. */
export interface ApiMessage {
  readonly name: string;
  readonly title: string;
  readonly payload: JsonSchema;
  readonly [more: string]: unknown;
}
type Messages = Record<string, ApiMessage>;
type Untitled = Pick<ApiMessage, 'name' | 'payload' | 'correlationId'>;
type Kind = 'command' | 'reply' | 'item' | 'push' | 'event' | 'request' | 'response';

/** What examples are dated. */
const SENT_AT = 1_767_225_600_000;
const MESSAGE_ID: JsonSchema = {
  anyOf: [
    { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    { type: 'string', minLength: 1, maxLength: 64 },
  ],
};
const TIMESTAMP: JsonSchema = { type: 'integer', minimum: 0, description: 'Unix ms.' };

/** Where a message stands in the document, no two at one place. Types of applications may have a colon, which keys may not. */
export function keyOf(kind: Kind, type: string): string {
  return `${kind}.${type.replaceAll(/[^A-Za-z0-9_.]/g, (char) => `-${char.charCodeAt(0).toString(16)}-`)}`;
}

/** With a name at each payload and what it carries: generators of code would make up theirs. */
export function titled(messages: Messages): Messages {
  return Object.fromEntries(
    Object.entries(messages).map(([key, message]) => [
      key,
      { ...message, payload: named(classOf(key), message.payload) },
    ]),
  );
}

/** `JoinRoomCommand` of `command.join_room`; what a key has in place of other characters is left out. */
function classOf(key: string): string {
  const [kind = '', type] = key.split(/\.(.*)/s);
  const words = type === undefined ? [kind, 'frame'] : [...type.split(/-[0-9a-f]+-|[_.]/), kind];
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function named(title: string, payload: JsonSchema): JsonSchema {
  const { properties = {} } = payload;
  const carried = Object.entries(properties).filter(([name, { $ref }]) => CARRIES.has(name) && $ref === undefined);
  const inner = carried.map(([name, schema]) => [name, { title: `${title}Data`, ...schema }]);
  return {
    title,
    ...payload,
    ...(inner.length === 0 ? {} : { properties: { ...properties, ...Object.fromEntries(inner) } }),
  };
}

/** Fields of a payload that hold what is said. */
const CARRIES = new Set(['data', 'response']);

export function commandMessages(entry: CommandEntry): Messages {
  const { type, summary, data, fields, example, streams } = entry;
  const command = {
    name: type,
    title: type,
    ...(summary === undefined ? {} : { summary }),
    payload: inbound(type, messageSchema(data, hintsOf(entry, fields))),
    correlationId: { location: '$message.payload#/message_id', description: 'Comes back as `request_id`.' },
    ...examples(example && { message_type: type, message_id: 1, data: example }),
  };
  const answer = streams ? itemOf(entry) : replyOf(entry);
  return { [keyOf('command', type)]: command, ...answer };
}

function replyOf(entry: CommandEntry): Messages {
  const { type, replyType, replyData, replyFields, replyNotes, reply } = entry;
  if (replyType === null) return {};
  const message = answer(replyType, messageSchema(replyData, hintsOf(entry, replyFields)));
  const told = replyNotes === undefined ? {} : { summary: replyNotes };
  return {
    [keyOf('reply', type)]: {
      ...message,
      title: `${replyType}, the reply to ${type}`,
      ...told,
      ...answered(replyType, reply),
    },
  };
}

function itemOf(entry: CommandEntry): Messages {
  const { type, replyData, replyFields, replyNotes, reply } = entry;
  const message = answer(`${type}_item`, messageSchema(replyData, hintsOf(entry, replyFields)));
  const told = replyNotes === undefined ? {} : { summary: replyNotes };
  return {
    [keyOf('item', type)]: {
      ...message,
      title: `${type}_item, one item of the stream of ${type}`,
      ...told,
      ...answered(`${type}_item`, reply),
    },
  };
}

export function pushMessage({ type, summary, notes, data, fields, example }: PushEntry): Messages {
  return {
    [keyOf('push', type)]: {
      name: type,
      title: type,
      summary,
      ...(notes === undefined ? {} : { description: notes }),
      payload: outbound(type, messageSchema(data, fields)),
      ...examples({ message_type: type, data: example, timestamp: SENT_AT }),
    },
  };
}

/** Events are packets of Nest, so that its own decorators take them. */
export function eventMessage({ type, scope, summary, notes, data, fields, example }: EventEntry): Messages {
  const subject = `hubbub.evt.${scope}.${String((example as Record<string, unknown>)[KEY_OF[scope]])}.${type}`;
  return {
    [keyOf('event', type)]: {
      name: type,
      title: type,
      summary,
      ...(notes === undefined ? {} : { description: notes }),
      payload: object({ pattern: { type: 'string', description: 'The subject.' }, data: messageSchema(data, fields) }),
      ...examples({ pattern: subject, data: example }),
    },
  };
}

const KEY_OF = { room: 'room_id', user: 'user_id', client: 'connection_id', node: 'node_id' } as const;

/** A request as bare JSON; a packet of Nest around it is taken as well. */
export function serviceMessages(entry: CommandEntry): Messages {
  const { type, summary, notes, data, fields, example, replyData, replyFields, reply } = entry;
  return {
    [keyOf('request', type)]: {
      name: type,
      title: type,
      ...(summary === undefined ? {} : { summary }),
      ...(notes === undefined ? {} : { description: notes }),
      headers: object(
        { authorization: { type: 'string', description: '`Bearer <jwt>`, unless `token` is in the data.' } },
        [],
      ),
      payload: messageSchema(data, fields),
      ...examples(example),
    },
    [keyOf('response', type)]: {
      name: `${type} response`,
      title: `Answer to ${type}`,
      payload: object({ response: messageSchema(replyData, replyFields) }),
      ...examples(reply && { response: reply }),
    },
  };
}

/** What many commands may be answered: errors, and the end of streams. */
export function outcomeMessages({ errors }: Catalogue): { readonly client: Messages; readonly service: Messages } {
  const lines = errors.map(({ name, when }) => `- ${ERRORS[name].code} \`${name}\`: ${when}`);
  const body = (name: keyof typeof ERRORS) => {
    const { code, message, retryable } = ERRORS[name];
    return { code, name, message, retryable };
  };
  const schema: JsonSchema = { $ref: '#/components/schemas/Error' };
  const done = { type: 'object', properties: { cancelled: { const: true, description: 'It was ended by `cancel`.' } } };
  return {
    client: {
      error: {
        ...answer('error', schema),
        title: 'error',
        summary: 'The answer to a command that failed.',
        description: lines.join('\n'),
        examples: errors.map(({ name, when }) => ({
          name,
          summary: when,
          payload: { message_type: 'error', request_id: 1, data: body(name), timestamp: SENT_AT },
        })),
      },
      done: { ...answer('done', done), title: 'done', summary: 'The end of a stream.', ...answered('done', {}) },
    },
    service: {
      failure: {
        name: 'failure',
        title: 'Answer to a command of a service that failed',
        payload: object({ err: schema }),
        ...examples({ err: body('RoomNotFound') }),
      },
    },
  };
}

function answer(type: string, data: JsonSchema): Untitled {
  return {
    name: type,
    payload: outbound(type, data, { request_id: MESSAGE_ID }),
    correlationId: { location: '$message.payload#/request_id', description: 'The `message_id` of the command.' },
  };
}

function answered(type: string, data: object | undefined): object {
  return examples(data && { message_type: type, request_id: 1, data, timestamp: SENT_AT });
}

function examples(payload: object | undefined): object {
  return payload === undefined ? {} : { examples: [{ name: 'example', payload }] };
}

/** `data` may be absent where nothing in it is required, and the id where no answer is waited for. */
function inbound(type: string, data: JsonSchema): JsonSchema {
  const needed = data.$ref !== undefined || (data.required ?? []).length > 0;
  return object(
    { message_type: { const: type }, message_id: MESSAGE_ID, data },
    needed ? ['message_type', 'data'] : ['message_type'],
  );
}

function outbound(type: string, data: JsonSchema, more: Record<string, JsonSchema> = {}): JsonSchema {
  return object({ message_type: { const: type }, ...more, data, timestamp: TIMESTAMP }, [
    'message_type',
    'data',
    'timestamp',
  ]);
}

function object(
  properties: Record<string, JsonSchema>,
  required: readonly string[] = Object.keys(properties),
): JsonSchema {
  return { type: 'object', properties, required };
}
