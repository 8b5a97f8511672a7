import { CLOSE, ERRORS } from '@hubbub/protocol';
import type { Catalogue, CommandEntry } from '@hubbub/protocol/contract';
import {
  commandMessages,
  eventMessage,
  keyOf,
  outcomeMessages,
  pushMessage,
  type Ref,
  serviceMessages,
  titled,
} from './async-api-messages.js';
import { sharedSchemas } from './async-api-schemas.js';

export interface AsyncApiOptions {
  readonly version: string;
  readonly wsPath: string;
  readonly port: number;
}

interface Channel {
  readonly address: string | null;
  readonly messages: Readonly<Record<string, Ref>>;
  readonly [more: string]: unknown;
}

/** Answers of services’ commands go where the request says. */
const ANSWERS = 'answers';

/** What the gateway speaks as AsyncAPI 3.0: clients over its WebSocket, services over NATS. */
export function asyncApiOf(catalogue: Catalogue, { version, wsPath, port }: AsyncApiOptions): object {
  const { commands, pushes, events, serviceCommands } = catalogue;
  const outcomes = outcomeMessages(catalogue);
  const ofClients = Object.assign({}, ...commands.map(commandMessages), ...pushes.map(pushMessage), outcomes.client);
  const ofServices = Object.assign({}, ...serviceCommands.map(serviceMessages), outcomes.service);
  const ofEvents = Object.assign({}, ...events.map(eventMessage));
  const messages = titled({ ...ofClients, ...ofEvents, ...ofServices });
  const answers = Object.keys(ofServices as object).filter((key) => !key.startsWith('request.'));

  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Hubbub',
      version,
      description:
        'Commands, replies and pushes of clients over a WebSocket; events and commands of other services over NATS. The HTTP routes have a document of their own.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: serversOf(port),
    channels: {
      gateway: {
        address: wsPath,
        title: 'The WebSocket of clients',
        description:
          'Text frames of one JSON envelope each. The first one is the push `connected`; every command gets exactly one answer, with its `message_id` as `request_id`. Frames may come unasked: pushes.',
        servers: [{ $ref: '#/servers/gateway' }],
        messages: refsOf(Object.keys(ofClients as object)),
        bindings: { ws: { method: 'GET', query: TOKEN_QUERY, bindingVersion: '0.1.0' } },
      },
      ...Object.assign({}, ...events.map(eventChannels)),
      ...Object.assign({}, ...serviceCommands.map(serviceChannel)),
      [ANSWERS]: {
        address: null,
        title: 'Answers to services',
        servers: [{ $ref: '#/servers/nats' }],
        messages: refsOf(answers),
      } satisfies Channel,
    },
    operations: {
      ...Object.assign({}, ...commands.map(commandOperation)),
      ...Object.assign({}, ...pushes.map(({ type, summary, to }) => sending('push', 'gateway', type, summary, to))),
      ...Object.assign({}, ...events.map(({ type, summary }) => sending('event', keyOf('event', type), type, summary))),
      ...Object.assign({}, ...serviceCommands.map(serviceOperation)),
    },
    components: { messages, schemas: sharedSchemas(), securitySchemes: SECURITY },
    'x-hubbub-errors': catalogue.errors.map(({ name, when }) => ({ name, ...ERRORS[name], when })),
    'x-hubbub-closes': catalogue.closes.map(({ name, when }) => ({ name, ...CLOSE[name], when })),
    'x-hubbub-permissions': catalogue.permissions,
  };
}

const SECURITY = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: '`Authorization: Bearer <jwt>`' },
  query: { type: 'httpApiKey', in: 'query', name: 'token', description: 'The token in the URL: logs may keep it.' },
  subprotocol: {
    type: 'httpApiKey',
    in: 'header',
    name: 'Sec-WebSocket-Protocol',
    description: '`bearer.<jwt>` offered beside `hubbub.v1`, as browsers can.',
  },
  account: { type: 'userPassword', description: 'An account of the NATS server.' },
};

const TOKEN_QUERY = { type: 'object', properties: { token: { type: 'string', description: 'A JWT.' } } };

function serversOf(port: number): object {
  const security = (...names: string[]) => names.map((name) => ({ $ref: `#/components/securitySchemes/${name}` }));
  return {
    gateway: {
      host: '{host}',
      protocol: 'ws',
      description: 'Any node; `wss` behind TLS.',
      variables: { host: { default: `localhost:${port || 8080}`, description: 'Host and port of the gateway.' } },
      security: security('bearer', 'subprotocol', 'query'),
    },
    nats: {
      host: '{host}',
      protocol: 'nats',
      description: 'The broker of the gateways, with `bus.type: nats`.',
      variables: { host: { default: 'localhost:4222', description: 'Host and port of the broker.' } },
      security: security('account'),
    },
  };
}

function refsOf(keys: readonly string[]): Record<string, Ref> {
  return Object.fromEntries(keys.map((key) => [key, { $ref: `#/components/messages/${key}` }]));
}

const inChannel = (channel: string, ...keys: string[]): Ref[] =>
  keys.map((key) => ({ $ref: `#/channels/${channel}/messages/${key}` }));

function needsOf({ permissions, needs }: CommandEntry): object {
  return {
    ...(permissions.length === 0 ? {} : { 'x-permissions': permissions }),
    ...(needs === undefined ? {} : { 'x-needs': needs }),
  };
}

function commandOperation(entry: CommandEntry): object {
  const { type, summary, notes, replyType, streams } = entry;
  const answers = streams ? [keyOf('item', type), 'done'] : replyType === null ? [] : [keyOf('reply', type)];
  return {
    [keyOf('command', type)]: {
      action: 'receive',
      channel: { $ref: '#/channels/gateway' },
      title: type,
      ...(summary === undefined ? {} : { summary }),
      ...(notes === undefined ? {} : { description: notes }),
      tags: [{ name: entry.isBuiltIn ? 'commands' : 'commands of the application' }],
      messages: inChannel('gateway', keyOf('command', type)),
      reply: { channel: { $ref: '#/channels/gateway' }, messages: inChannel('gateway', ...answers, 'error') },
      ...needsOf(entry),
      'x-errors': entry.errors,
    },
  };
}

function sending(kind: 'push' | 'event', channel: string, type: string, summary: string, to?: string): object {
  const key = keyOf(kind, type);
  return {
    [key]: {
      action: 'send',
      channel: { $ref: `#/channels/${channel}` },
      title: type,
      summary,
      ...(to === undefined ? {} : { description: `To ${to}.` }),
      tags: [{ name: kind === 'push' ? 'pushes' : 'events' }],
      messages: inChannel(channel, key),
    },
  };
}

function eventChannels({ type, scope, stored }: Catalogue['events'][number]): Record<string, Channel> {
  const key = keyOf('event', type);
  const channel = (head: string) => ({
    address: `hubbub.${head}.${scope}.{key}.${type}`,
    title: `Event ${type}`,
    servers: [{ $ref: '#/servers/nats' }],
    parameters: { key: { description: `Id of the ${scope}; bytes outside A-Za-z0-9_- are written =XX.` } },
    messages: refsOf([key]),
    'x-stored': head === 'evt' && stored,
  });
  // What nothing keeps has a subject of its own, which is in no stream.
  const passing = type === 'room_message' ? { [`${key}.ephemeral`]: channel('eph') } : {};
  return { [key]: channel('evt'), ...passing };
}

function serviceChannel({ type }: CommandEntry): Record<string, Channel> {
  const key = keyOf('request', type);
  return {
    [key]: {
      address: `hubbub.cmd.${type}`,
      title: `Command ${type} of services`,
      servers: [{ $ref: '#/servers/nats' }],
      messages: refsOf([key]),
      bindings: { nats: { bindingVersion: '0.1.0' } },
    },
  };
}

function serviceOperation(entry: CommandEntry): object {
  const key = keyOf('request', entry.type);
  return {
    [key]: {
      action: 'receive',
      channel: { $ref: `#/channels/${key}` },
      title: entry.type,
      ...(entry.summary === undefined ? {} : { summary: entry.summary }),
      tags: [{ name: 'commands of services' }],
      bindings: { nats: { queue: 'hubbub', bindingVersion: '0.1.0' } },
      messages: inChannel(key, key),
      reply: {
        address: { location: '$message.header#/reply', description: 'Where the request asks to be answered.' },
        channel: { $ref: `#/channels/${ANSWERS}` },
        messages: inChannel(ANSWERS, keyOf('response', entry.type), 'failure'),
      },
      ...needsOf(entry),
      'x-errors': entry.errors,
    },
  };
}
