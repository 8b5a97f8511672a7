import { type ErrorName, SERVICE_COMMANDS } from '@hubbub/protocol';
import { type CommandEntry, catalogueOf, type JsonSchema } from '@hubbub/protocol/contract';
import { operatorRoutes } from './operator-routes.js';

/** What the document of HTTP says of a route beyond what its controller does. */
export interface RouteText {
  /** Where the controller has none. */
  readonly summary?: string;
  /** Errors of its own; every route may be answered by `ROUTE_ERRORS`. */
  readonly errors?: readonly ErrorName[];
  readonly request?: unknown;
  /** Of the status that says it is done. */
  readonly response?: unknown;
  /** Schema of that, where the controller has none. */
  readonly schema?: JsonSchema;
}

/** What any route may be answered, but those of health and metrics. */
export const ROUTE_ERRORS: readonly ErrorName[] = ['Unknown', 'RateLimited', 'ServerError'];

const CREDENTIALS = { username: 'alice', password: 'correct horse battery' };
const REFRESH = { refresh_token: 'f3b1c8e0.0a9d7e6c5b4f' };
const SIGNED_IN = {
  user_id: 'alice',
  username: 'alice',
  access_token: 'eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiYWxpY2UifQ.c2lnbmF0dXJl',
  expires_in: 900,
  ...REFRESH,
};
const CHECK = { type: 'object', properties: { status: { enum: ['up', 'degraded', 'down'] } } };
const CHECKS = { type: 'object', patternProperties: { '^.*$': CHECK } };
const HEALTH = {
  type: 'object',
  properties: { status: { enum: ['ok', 'degraded', 'error'] }, info: CHECKS, error: CHECKS, details: CHECKS },
  required: ['status'],
} satisfies JsonSchema;
const UP = { database: { status: 'up' } };
const HEALTHY = { status: 'ok', info: UP, error: {}, details: UP };

/** The routes of Hubbub by method and path, with examples from the texts of the commands of the same meaning. */
export function httpRoutes(): Record<string, RouteText> {
  const { commands, serviceCommands } = catalogueOf();
  const [client, service] = [commands, serviceCommands].map(byType) as [ByType, ByType];
  const room = { ...(client('create_room').reply as { room: object }).room };
  const posted = without(client('room_message').reply, 'room_id');
  const ended: RouteText = { response: service('disconnect').reply, schema: SERVICE_COMMANDS.disconnect.replyData };
  return {
    'POST /api/auth/register': {
      errors: ['InvalidFormat', 'Forbidden', 'UsernameTaken', 'MessageTooLarge'],
      request: CREDENTIALS,
      response: SIGNED_IN,
    },
    'POST /api/auth/login': {
      errors: ['InvalidFormat', 'Unauthorized', 'MessageTooLarge'],
      request: CREDENTIALS,
      response: SIGNED_IN,
    },
    'POST /api/auth/refresh': {
      errors: ['InvalidFormat', 'InvalidToken', 'MessageTooLarge'],
      request: REFRESH,
      response: SIGNED_IN,
    },
    'POST /api/auth/logout': {
      errors: ['InvalidFormat', 'MessageTooLarge'],
      request: REFRESH,
      response: { status: 'logged out' },
    },
    'DELETE /api/users/{id}/sessions': { ...ended, errors: ['InvalidFormat'] },
    'DELETE /api/tokens/{jti}': { ...ended, errors: ['InvalidFormat'] },
    'GET /api/rooms': { errors: ['InvalidFormat'], response: [room] },
    'POST /api/rooms': {
      errors: ['InvalidFormat', 'RoomAlreadyExists', 'TooManyRooms', 'MessageTooLarge'],
      request: { id: 'lobby', name: 'The lobby' },
      response: { status: 'room created', room },
    },
    'GET /api/rooms/{id}': { errors: ['InvalidFormat', 'RoomNotFound'], response: room },
    'PATCH /api/rooms/{id}': {
      errors: ['InvalidFormat', 'RoomNotFound', 'MessageTooLarge'],
      request: without(client('update_room').example, 'room_id'),
      response: room,
    },
    'DELETE /api/rooms/{id}': { errors: ['InvalidFormat', 'RoomNotFound'] },
    'GET /api/rooms/{id}/messages': {
      errors: ['InvalidFormat', 'RoomNotFound'],
      response: without(client('room_history').reply, 'room_id'),
    },
    'POST /api/rooms/{id}/messages': {
      errors: ['InvalidFormat', 'RoomNotFound', 'MessageTooLarge', 'Timeout'],
      request: without(client('room_message').example, 'room_id'),
      response: posted,
    },
    'GET /api/rooms/{id}/members': {
      errors: ['InvalidFormat', 'RoomNotFound'],
      response: without(client('room_members').reply, 'room_id'),
    },
    'GET /api/rooms/{id}/roles': {
      errors: ['InvalidFormat', 'RoomNotFound'],
      response: { role: 'owner', roles: [{ user_id: 'bob', role: 'moderator' }] },
    },
    'DELETE /api/rooms/{id}/members/{user}': { errors: ['InvalidFormat', 'RoomNotFound', 'NotInRoom'] },
    'POST /api/broadcast': operation('broadcast', service, ['InvalidFormat', 'MessageTooLarge']),
    'GET /api/stats': operation('stats', service),
    'GET /api/clients': operation('clients', service, ['InvalidFormat']),
    'DELETE /api/clients/{connection}': { ...ended, errors: ['ClientNotFound'] },
    ...operatorRoutes(room, service('explain')),
    'GET /health': {
      summary: 'Every check; 503 if one is down',
      schema: {
        ...HEALTH,
        properties: { ...HEALTH.properties, version: { type: 'string' }, uptime_s: { type: 'integer' } },
      },
      response: { ...HEALTHY, version: '0.1.0', uptime_s: 3600 },
    },
    'GET /health/live': { summary: 'Whether the process answers at all', schema: HEALTH, response: HEALTHY },
    'GET /health/ready': {
      summary: 'Whether new connections should be sent here: 503 while draining or while the database is away',
      schema: HEALTH,
      response: HEALTHY,
    },
    'GET /metrics': {
      summary: 'The figures of this node as Prometheus text; with `metrics.token`, for who has it',
      errors: ['Unauthorized'],
    },
    ...Object.fromEntries(serviceCommands.map((entry) => [`POST /api/commands/${entry.type}`, ofService(entry)])),
  };
}

type ByType = (type: string) => CommandEntry;

function byType(entries: readonly CommandEntry[]): ByType {
  const all = new Map(entries.map((entry) => [entry.type, entry]));
  return (type) => all.get(type) as CommandEntry;
}

function operation(type: keyof typeof SERVICE_COMMANDS, service: ByType, errors: ErrorName[] = []): RouteText {
  const { example, reply, data, replyData } = service(type);
  const isRequest = 'message' in ((data.properties ?? {}) as object);
  return { errors, ...(isRequest ? { request: example } : {}), response: reply, schema: replyData };
}

function ofService({ summary, errors, example, reply }: CommandEntry): RouteText {
  return {
    ...(summary === undefined ? {} : { summary }),
    errors: [...errors, 'MessageTooLarge' as const].filter(
      (name) => name !== 'InvalidMessageID' && name !== 'RateLimited' && name !== 'Unknown',
    ),
    request: example,
    response: reply,
  };
}

function without(example: object | undefined, key: string): object {
  return Object.fromEntries(Object.entries(example ?? {}).filter(([name]) => name !== key));
}
