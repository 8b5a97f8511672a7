/** What an application imports. Everything of Hubbub that it may use stands here. */
export { Authenticated, CurrentUser, RequirePermissions, signToken, TokenService } from '@hubbub/auth';
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
export { HealthRegistry, Metrics, PinoLogger } from '@hubbub/observability';
export {
  type Envelope,
  HubbubError,
  type Member,
  type Permission,
  PermissionSet,
  type RoomMessage,
  rawMember,
} from '@hubbub/protocol';
export {
  type CurrentRoom,
  OnJoin,
  OnLeave,
  OnMessage,
  Pools,
  type PostedMessage,
  Room,
  type RoomInfo,
  type RoomOptions,
  RoomPolicy,
  type RoomPolicyOptions,
  Rooms,
  roomPolicy,
} from '@hubbub/rooms';
export { Database, SqliteDatabase } from '@hubbub/storage';
export {
  AllowUnidentified,
  type CommandContract,
  CommandSignal,
  CommandTable,
  type Connection,
  type ConnectionData,
  type ConnectionEnd,
  Connections,
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
  Summary,
  type UpgradeAttempt,
} from '@hubbub/transport';
export { closeOnSignals } from './close-on-signals.js';
export { createHubbub } from './create-hubbub.js';
export { fastifyAdapter } from './http/fastify-adapter.js';
export { type HubbubAsyncOptions, HubbubModule, type HubbubOptions } from './hubbub.module.js';
export { type UseHubbubOptions, useHubbub } from './use-hubbub.js';
export { VERSION } from './version.js';
export { type RunWorkersOptions, runWorkers } from './workers/run-workers.js';
