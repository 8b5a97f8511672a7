import Type, { type Static } from 'typebox';

/** What a key is besides its type. `reload`: whether a change takes effect without a restart. */
interface KeyNotes {
  readonly description: string;
  readonly reload: boolean;
  readonly unit?: 'ms' | 's' | 'bytes';
  /** The value is never shown to anybody. */
  readonly secret?: true;
  /** Told in documents in place of a default that depends on other keys or is made at first start. */
  readonly defaultNote?: string;
}

const RESTART = { reload: false };
const RELOAD = { reload: true };
const MAX_MS = 2_147_483_647;

const integer = (fallback: number, minimum: number, maximum: number, notes: KeyNotes) =>
  Type.Integer({ default: fallback, minimum, maximum, ...notes });
const milliseconds = (fallback: number, minimum: number, notes: KeyNotes) =>
  integer(fallback, minimum, MAX_MS, { unit: 'ms', ...notes });
const flag = (fallback: boolean, notes: KeyNotes) => Type.Boolean({ default: fallback, ...notes });
const text = (fallback: string, notes: KeyNotes) => Type.String({ default: fallback, minLength: 1, ...notes });
const optionalText = (notes: KeyNotes) => Type.Optional(Type.String({ minLength: 1, ...notes }));
const list = (fallback: string[], notes: KeyNotes) =>
  Type.Array(Type.String({ minLength: 1 }), { default: fallback, ...notes });
const choice = <const Values extends string[]>(values: readonly [...Values], notes: KeyNotes) =>
  Type.Enum(values, { default: values[0], ...notes });

const server = Type.Object({
  host: text('0.0.0.0', { ...RESTART, description: 'Address to listen on.' }),
  port: integer(8080, 0, 65_535, { ...RESTART, description: 'Port to listen on; 0 picks a free one.' }),
  ws_path: Type.String({
    default: '/ws',
    pattern: '^/[A-Za-z0-9/_.~-]*$',
    ...RESTART,
    description: 'Path of the WebSocket.',
  }),
  trust_proxy: flag(false, {
    ...RESTART,
    description: 'Believe X-Forwarded-* headers: the last entry, which the proxy itself adds. Only behind a proxy.',
  }),
  allowed_origins: list([], {
    ...RELOAD,
    description: 'Origins of pages that may connect, beside our own host; also governs CORS.',
  }),
  max_connections: integer(100_000, 1, 10_000_000, {
    ...RELOAD,
    description: 'Connections of this node; each worker is one.',
  }),
  max_connections_per_ip: integer(1000, 1, 10_000_000, {
    ...RELOAD,
    description: 'Connections of this node from one address; each worker counts for itself.',
  }),
  workers: integer(1, 1, 256, {
    ...RESTART,
    description: 'Processes that share the port, each a node of its own: as many as cores that are to be used.',
  }),
});

const database = Type.Object({
  type: choice(['sqlite', 'postgres', 'mysql', 'mariadb'], { ...RESTART, description: 'Kind of database.' }),
  url: optionalText({
    ...RESTART,
    description: 'Where the database is: a URL. SQLite: a file, by default hubbub.sqlite in data_dir.',
  }),
  pool_size: integer(10, 2, 1000, {
    ...RESTART,
    description: 'Most connections to a database server; SQLite has two.',
  }),
});

const bus = Type.Object({
  type: choice(['memory', 'nats', 'redis'], { ...RESTART, description: 'What carries events between nodes.' }),
  url: optionalText({
    ...RESTART,
    description: 'Where the broker is: nats://host:4222 or redis://host:6379. Required unless it is memory.',
  }),
  jetstream: flag(false, { ...RESTART, description: 'Keep events in a JetStream stream (NATS only).' }),
});

const cluster = Type.Object({
  node_id: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9_-]{1,64}$',
      ...RESTART,
      description: 'Name of this node, unique in the cluster; workers append their number.',
      defaultNote: 'made anew at every start',
    }),
  ),
  node_timeout_ms: milliseconds(5000, 500, {
    ...RESTART,
    description: 'A node that is silent for this long is taken for dead; its members leave.',
  }),
  repair_ms: milliseconds(1000, 50, {
    ...RESTART,
    description: 'Longest time until a hole or a lost tail is noticed without the bus.',
  }),
});

const cache = Type.Object({
  type: choice(['memory', 'redis'], {
    ...RESTART,
    description: 'Where users, rooms and roles are remembered: in each node, or in Redis as well.',
  }),
  url: optionalText({
    ...RESTART,
    description: 'Where Redis is: redis://host:6379. Required unless it is memory.',
  }),
  ttl_s: integer(60, 1, 86_400, {
    ...RELOAD,
    unit: 's',
    description: 'Longest time until what is remembered is read again. Changes do not wait for it.',
  }),
  max_entries: integer(50_000, 1, 10_000_000, {
    ...RELOAD,
    description: 'Users, rooms and roles in the memory of a node, of each so many.',
  }),
});

const auth = Type.Object({
  secret: optionalText({
    ...RESTART,
    secret: true,
    description: 'Signs and verifies tokens; at least 32 bytes. Required where there are several nodes.',
    defaultNote: 'made at first start into data_dir',
  }),
  public_key: optionalText({
    ...RESTART,
    description: 'PEM text of the public key that verifies tokens made elsewhere.',
  }),
  jwks_url: Type.Optional(
    Type.String({
      pattern: '^https?://',
      ...RESTART,
      description: 'Where the keys of tokens made elsewhere are published.',
    }),
  ),
  issuer: text('hubbub', { ...RESTART, description: 'Required `iss` of tokens.' }),
  audience: optionalText({ ...RESTART, description: 'Required `aud` of tokens; unset: not looked at.' }),
  access_ttl_s: integer(900, 1, MAX_MS, { ...RELOAD, unit: 's', description: 'Life of an access token.' }),
  refresh_ttl_s: integer(2_592_000, 1, MAX_MS, { ...RELOAD, unit: 's', description: 'Life of a refresh token.' }),
  deadline_ms: milliseconds(10_000, 1, {
    ...RELOAD,
    description: 'A connection that has not authenticated by then is closed.',
  }),
  registration: flag(true, {
    ...RELOAD,
    description: 'Whether anybody may register an account.',
    defaultNote: 'true; false with a public key or JWKS',
  }),
  anonymous: Type.Object({
    enabled: flag(false, { ...RELOAD, description: 'Whether a connection without a token is let in.' }),
    permissions: list(['read:message', 'join:room', 'leave:room'], {
      ...RELOAD,
      description: 'What such a connection may do.',
    }),
  }),
  default_permissions: list(['read:message', 'send:message', 'create:room', 'delete:room', 'join:room', 'leave:room'], {
    ...RELOAD,
    description: 'What a registered account may do. Deleting still takes the owner.',
  }),
  roles: Type.Record(Type.String(), Type.Array(Type.String({ minLength: 1 })), {
    default: {},
    ...RELOAD,
    description: 'Permissions by role, for the `roles` claim of tokens.',
  }),
  admins: list([], {
    ...RELOAD,
    description: 'Usernames that get admin:system. Whoever registers one first has it: do so yourself.',
  }),
  local_only: flag(false, {
    ...RELOAD,
    description: 'Only accounts of this database exist: direct messages to anyone else are refused.',
  }),
});

const rooms = Type.Object({
  create_on_join: flag(false, { ...RELOAD, description: 'Joining an absent room makes it (needs create:room).' }),
});

const history = Type.Object({
  page: integer(50, 1, 200, { ...RELOAD, description: 'Messages in a page of history unless asked otherwise.' }),
  recover_max: integer(1000, 0, 100_000, { ...RELOAD, description: 'Most missed messages that a join brings back.' }),
  max_age_s: integer(0, 0, Number.MAX_SAFE_INTEGER, {
    ...RELOAD,
    unit: 's',
    description: 'Older messages are deleted, after a minute at the earliest; 0 keeps them.',
  }),
  max_messages: integer(0, 0, Number.MAX_SAFE_INTEGER, {
    ...RELOAD,
    description: 'Messages kept a room, beside those of the last minute; 0 keeps all.',
  }),
});

const presence = Type.Object({
  coalesce_ms: milliseconds(100, 1, {
    ...RELOAD,
    description: 'Changes of this long go out as one push, of longer where a room takes 20,000 pushes a second.',
  }),
  grace_ms: milliseconds(5000, 0, {
    ...RELOAD,
    description: 'How long a lost connection may stay away before its user leaves.',
  }),
  list_max: integer(500, 0, 1_000_000, {
    ...RELOAD,
    description: 'Rooms with more members are told only the count.',
  }),
});

const limits = Type.Object({
  max_message_bytes: integer(65_536, 256, 67_108_864, { ...RELOAD, unit: 'bytes', description: 'Size of a frame.' }),
  send_buffer_bytes: integer(1_048_576, 4096, 1_073_741_824, {
    ...RELOAD,
    unit: 'bytes',
    description: 'What may wait to be sent to one connection.',
  }),
  commands_per_s: integer(50, 1, 1_000_000, { ...RELOAD, description: 'Commands a second of one connection.' }),
  commands_burst: integer(100, 1, 1_000_000, { ...RELOAD, description: 'Commands at once of one connection.' }),
  rooms_per_connection: integer(128, 1, 100_000, { ...RELOAD, description: 'Rooms that one connection may be in.' }),
  connections_per_user: integer(16, 1, 1_000_000, { ...RELOAD, description: 'Connections of one user.' }),
  connections_per_user_policy: choice(['refuse', 'replace'], {
    ...RELOAD,
    description: 'One connection too many: refuse it, or close the oldest.',
  }),
  rooms_per_user: integer(100, 1, 1_000_000, { ...RELOAD, description: 'Rooms that one user may own.' }),
  command_timeout_ms: milliseconds(10_000, 1, {
    ...RELOAD,
    description: 'A command that takes longer is answered Timeout.',
  }),
  flush_ms: integer(10, 0, 1000, {
    ...RELOAD,
    unit: 'ms',
    description: 'Longest deliberate delay of pushes under load.',
  }),
  rate_close_after_ms: milliseconds(10_000, 1, {
    ...RELOAD,
    description: 'A connection over its rate for this long without a pause is closed.',
  }),
  malformed_frames: integer(100, 1, 1_000_000, {
    ...RELOAD,
    description: 'Frames a minute that may be no envelope before the connection is closed.',
  }),
  http_per_s: integer(50, 1, 1_000_000, { ...RELOAD, description: 'HTTP requests a second from one address.' }),
  http_burst: integer(200, 1, 1_000_000, { ...RELOAD, description: 'HTTP requests at once from one address.' }),
  auth_per_min: integer(60, 1, 1_000_000, { ...RELOAD, description: 'Sign-in attempts a minute from one address.' }),
});

const services = Type.Object({
  trust_nats: flag(false, {
    ...RESTART,
    description: 'Whoever NATS lets publish on hubbub.cmd.> needs no token and has admin:system.',
  }),
  commands_per_s: integer(1000, 1, 1_000_000, {
    ...RELOAD,
    description: 'Commands a second of one service at this node; twice as many at once.',
  }),
});

const audit = Type.Object({
  max_age_s: integer(0, 0, Number.MAX_SAFE_INTEGER, {
    unit: 's',
    ...RELOAD,
    description: 'What operators did longer ago is deleted from the audit log; 0 keeps it.',
  }),
});

const heartbeat = Type.Object({
  interval_ms: milliseconds(25_000, 100, {
    ...RELOAD,
    description: 'Time between protocol pings, give or take a tenth.',
  }),
  timeout_ms: milliseconds(10_000, 100, {
    ...RELOAD,
    description: 'No sign of life for this long after a ping closes the connection.',
  }),
});

const drain = Type.Object({
  timeout_ms: milliseconds(20_000, 0, { ...RELOAD, description: 'Longest orderly shutdown.' }),
});

const log = Type.Object({
  level: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace'], {
    default: 'info',
    ...RELOAD,
    description: 'Least severe level that is logged.',
  }),
  format: choice(['json', 'pretty'], { ...RELOAD, description: 'One JSON object a line, or text for people.' }),
});

const metrics = Type.Object({
  token: optionalText({
    ...RELOAD,
    secret: true,
    description: 'Bearer token that /metrics asks for; unset: open to all.',
  }),
});

/**
 * Every configuration key: type, bounds, default, unit, whether it can be reloaded, one line of explanation.
 * The file, the environment, the example and the documents are read from or checked against it.
 */
export const ConfigSchema = Type.Object({
  server,
  data_dir: text('data', { ...RESTART, description: 'Folder of the database and the generated secret.' }),
  database,
  bus,
  cluster,
  cache,
  auth,
  rooms,
  history,
  presence,
  limits,
  services,
  audit,
  heartbeat,
  drain,
  log,
  metrics,
});

/** The configuration as the file writes it, complete. */
export type ConfigFile = Static<typeof ConfigSchema>;
