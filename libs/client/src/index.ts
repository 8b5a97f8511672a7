export type { BackoffOptions } from './backoff.js';
export type { ClientOptions } from './client-options.js';
export type { Clock } from './clock.js';
export type { CommandOptions } from './command-entry.js';
export { CommandError, type LocalErrorName } from './command-error.js';
export type {
  ClientEvents,
  ClientState,
  LeaveReason,
  PushEvents,
  RoomEvents,
  RoomPush,
  StateChange,
} from './events.js';
export { HubbubClient } from './hubbub-client.js';
export type { Loss, Position } from './ordered-log.js';
export type { Outbox } from './outbox.js';
export type { OutboxEntry, OutboxEvent } from './outbox-entry.js';
export { idOf, isKept, type KeptError, type KeptMessage, type OutboxStore } from './outbox-store.js';
export type { PageLike } from './page.js';
export { Room } from './room.js';
export type { JoinOptions, SendOptions } from './room-host.js';
export type { RoomPresence } from './room-presence.js';
export type { WebSocketConstructor, WebSocketLike } from './socket.js';
export type { TokenProvider, TokenReason } from './token-source.js';
