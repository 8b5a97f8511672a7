export { type Act, Acts, type Witness } from './acts.js';
export { BuiltIns } from './built-ins.js';
export { clientNetwork } from './client-network.js';
export type { CommandConnection, ConnectionEnd } from './command-connection.js';
export { type CommandContract, takesField } from './command-contract.js';
export type { CommandObserver } from './command-observer.js';
export { CommandRouter } from './command-router.js';
export { CommandTable, type Route } from './command-table.js';
export { Connection, type ConnectionData } from './connection.js';
export type { ConnectionWatcher } from './connection-watcher.js';
export { Connections } from './connections.js';
export {
  AllowUnidentified,
  ChangesNothing,
  type CommandCall,
  CommandSignal,
  CurrentConnection,
  CurrentEnvelope,
  type Described,
  PERMISSIONS_METADATA,
  Pipelined,
  Replies,
  type RepliesOptions,
  type Reply,
  type ReplyStream,
  readsField,
  Summary,
} from './decorators.js';
export { Deferred, type SettledListener } from './deferred.js';
export type { Dialect } from './dialect.js';
export { Drain } from './drain.js';
export { DrainState } from './drain-state.js';
export { type DtoOptions, DtoPipe } from './dto.pipe.js';
export { toHubbubError } from './error-mapping.js';
export { createHookDecorator, Hooks, OnConnect, OnDisconnect, OnUpgrade, type UpgradeAttempt } from './hooks.js';
export { addressOf } from './http-act.js';
export { HttpActs } from './http-acts.interceptor.js';
export { answerHttpError, HttpErrorFilter, HubbubErrorFilter } from './http-error.filter.js';
export { HubbubWsAdapter } from './hubbub-ws.adapter.js';
export { Identification } from './identification.js';
export {
  Authenticator,
  type CredentialsRequest,
  type Identity,
  Inboxes,
  type InboxStand,
  NodeIdentity,
} from './identity.js';
export { Push, type PushOptions } from './push.js';
export { NoReply, RawJson } from './raw-json-reply.js';
export { SchemaPipe } from './schema.pipe.js';
export { SessionGateway } from './session.gateway.js';
export { describeSession } from './session.js';
export { Sessions } from './sessions.service.js';
export { SpokenContract } from './spoken-contract.js';
export { Standing } from './standing.js';
export { TokenBucket } from './token-bucket.js';
export { TransportModule } from './transport.module.js';
export { clientAddress } from './upgrade.js';
export type { HttpReply } from './ws-path.js';
