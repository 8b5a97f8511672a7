export { Blocks } from './blocks.js';
export {
  type Answer,
  DeliveryChannel,
  type DeliveryChannelOptions,
  type Recipient,
  type Sent,
} from './delivery-channel.js';
export { DirectMessages } from './direct-messages.service.js';
export { encodeDirectMessage, encodeRoomMessage, type RoomMessage } from './encode.js';
export { HeadPolling, type HeadPollingOptions } from './head-polling.js';
export { HoleRepairs, type Repairable } from './hole-repairs.js';
export { InboxGateway } from './inbox.gateway.js';
export { MESSAGES_ENTITIES } from './message.entities.js';
export { type HistoryOptions, type HistoryPage, MessageLog } from './message-log.js';
export {
  type InboxRange,
  isRoomEntry,
  type KnownHead,
  MessageStore,
  type MessageStoreOptions,
  type NewEntry,
  type Outcome,
  type SeqRange,
  type StoredInboxRange,
  type StoredRange,
} from './message-store.js';
export { messageStoreOn } from './message-stores.js';
export {
  type Appended,
  type DirectAppended,
  erased,
  type InboxMessage,
  type LoggedMessage,
  type LogHead,
  type LogPosition,
  type NewDirectMessage,
  type NewRoomMessage,
} from './messages.js';
export { MessagesModule } from './messages.module.js';
export { MESSAGES_MIGRATIONS } from './migrations/1700000000200-messages.js';
export {
  type Deliver,
  type Hole,
  type Offered,
  OrderedChannel,
  type OrderedChannelOptions,
} from './ordered-channel.js';
export { type NewFact, OUTBOX_AT_ONCE, Outbox, type WaitingFact, type WaitingMessage } from './outbox.js';
export { type ReadMark, ReadMarkers, type ReadSubject } from './read-markers.js';
export { SqliteMessageStore } from './sqlite-message-store.js';
export { type Stored, UnderWay } from './under-way.js';
export { UserDirectory } from './user-directory.js';
export { UserPushes } from './user-pushes.js';
