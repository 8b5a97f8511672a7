/** What an application imports. Everything of Hubbub that it may use stands here. */
export {
  type Account,
  Accounts,
  AuthController,
  Authenticated,
  AuthenticateGateway,
  CurrentUser,
  RequirePermissions,
  SessionsController,
  signToken,
  TokenAuthenticator,
  TokenService,
  UserGrants,
} from '@hubbub/auth';
export {
  Bus,
  type BusHandler,
  type BusHealth,
  type BusResponder,
  Control,
  type Gathered,
  MemoryBroker,
  MemoryBus,
  NodeInfo,
  openBus,
  type RequestOptions,
  type Subscription,
} from '@hubbub/bus';
export { ConfigError, HubbubConfig, loadConfig, type PartialConfig, watchConfig } from '@hubbub/config';
export {
  type Appended,
  InboxGateway,
  type InboxRange,
  isRoomEntry,
  type LoggedMessage,
  type LogHead,
  type LogPosition,
  MessageStore,
  messageStoreOn,
  type NewDirectMessage,
  type NewEntry,
  type NewRoomMessage,
  type Outcome,
  type SeqRange,
  SqliteMessageStore,
  type StoredInboxRange,
  type StoredRange,
} from '@hubbub/messages';
export { HealthController, HealthRegistry, Metrics, MetricsController, PinoLogger } from '@hubbub/observability';
export { AuditController, OperatorController, ViewsController } from '@hubbub/operator';
export { PresenceGateway, UserPresence } from '@hubbub/presence';
export {
  type Envelope,
  HubbubError,
  type Member,
  type Permission,
  PermissionSet,
  type RoomMessage,
  rawMember,
} from '@hubbub/protocol';
export { type Contract, compareContracts, type Finding } from '@hubbub/protocol/contract';
export {
  type CurrentRoom,
  MembershipGateway,
  MessagesGateway,
  ModerationGateway,
  OnJoin,
  OnLeave,
  OnMessage,
  Pools,
  type PostedMessage,
  Room,
  RoomContentsController,
  type RoomInfo,
  type RoomOptions,
  RoomPlacement,
  RoomPolicy,
  type RoomPolicyOptions,
  Rooms,
  RoomsController,
  RoomsGateway,
  roomPolicy,
} from '@hubbub/rooms';
export { HttpCommandsController } from '@hubbub/services';
export { Database, SqliteDatabase } from '@hubbub/storage';
export {
  AllowUnidentified,
  Authenticator,
  ChangesNothing,
  type CommandContract,
  CommandSignal,
  CommandTable,
  type Connection,
  type ConnectionData,
  type ConnectionEnd,
  Connections,
  type CredentialsRequest,
  CurrentConnection,
  CurrentEnvelope,
  Deferred,
  type DtoOptions,
  DtoPipe,
  type Identity,
  OnConnect,
  OnDisconnect,
  OnUpgrade,
  Pipelined,
  Push,
  RawJson,
  Replies,
  type Reply,
  type ReplyStream,
  SchemaPipe,
  SessionGateway,
  Summary,
  type UpgradeAttempt,
} from '@hubbub/transport';
export { closeOnSignals } from './close-on-signals.js';
export { createHubbub } from './create-hubbub.js';
export { fastifyAdapter } from './http/fastify-adapter.js';
export { type HubbubAsyncOptions, HubbubModule, type HubbubOptions } from './hubbub.module.js';
export { type ServePagesOptions, servePages } from './pages/serve-pages.js';
export { type UseHubbubOptions, useHubbub } from './use-hubbub.js';
export { VERSION } from './version.js';
export { type RunWorkersOptions, runWorkers } from './workers/run-workers.js';
