export { CLOSE, type CloseName, shouldReconnect } from './close-codes.js';
export {
  COMMANDS,
  type CommandData,
  type CommandSpec,
  type CommandType,
  type ItemData,
  type ReplyData,
  replyTypeOf,
} from './commands.js';
export * from './entities.js';
export {
  decodeEnvelope,
  type Envelope,
  EnvelopeError,
  encodeEnvelope,
  isMessageId,
  isMessageType,
  MAX_NESTING,
  MESSAGE_TYPE_PATTERN,
  type MessageId,
} from './envelope.js';
export {
  ERRORS,
  type ErrorBody,
  type ErrorName,
  type FieldFault,
  HubbubError,
  type HubbubErrorOptions,
  isHubbubError,
} from './errors.js';
export {
  EVENTS,
  type EventData,
  type EventSpec,
  type EventType,
  eventId,
  messageEventId,
  passingMessageSubject,
  subjectOf,
} from './events.js';
export { matchesPattern, PERMISSIONS, type Permission, PermissionSet } from './permissions.js';
export { Done, ErrorData, PUSHES, type PushData, type PushType } from './pushes.js';
export { nestsDeeperThan, rawMember } from './raw-json.js';
export {
  SERVICE_COMMANDS,
  type ServiceCommand,
  type ServiceCommandData,
  type ServiceCommandSpec,
  type ServiceReply,
} from './service-commands.js';
export {
  commandSubject,
  type EventScope,
  ephemeralSubject,
  eventSubject,
  roomFeedSubject,
  type Subject,
  subjectId,
  subjectKey,
  syncSubject,
  userFeedSubject,
} from './subjects.js';
export { isValid, validate } from './validator.js';
