export { CLOSE, type CloseName, shouldReconnect } from './close-codes.js';
export {
  COMMANDS,
  type CommandData,
  type CommandSpec,
  type CommandType,
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
export { matchesPattern, PERMISSIONS, type Permission, PermissionSet } from './permissions.js';
export { Done, ErrorData, PUSHES, type PushData, type PushType } from './pushes.js';
export { nestsDeeperThan, rawMember } from './raw-json.js';
export { type EventScope, eventSubject, type Subject, subjectId, subjectKey, syncSubject } from './subjects.js';
export { isValid, validate } from './validator.js';
