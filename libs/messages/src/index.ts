export { encodeDirectMessage, encodeRoomMessage } from './encode.js';
export { MESSAGES_ENTITIES } from './message.entities.js';
export { type HistoryOptions, type HistoryPage, MessageLog } from './message-log.js';
export type {
  Appended,
  DirectAppended,
  InboxMessage,
  LoggedMessage,
  LogHead,
  LogPosition,
  NewDirectMessage,
  NewRoomMessage,
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
export { type ReadMark, ReadMarkers, type ReadSubject } from './read-markers.js';
export { UserDirectory } from './user-directory.js';
