export { describeMessageStoreContract } from './message-store.contract.js';
export { describeMessageStoreModel } from './message-store-model.contract.js';
export { describeMessageStoreNodes } from './message-store-nodes.contract.js';
export { type OpenMessages, type OpenMessagesOptions, openMessages } from './open-messages.js';
export { describeOutboxContract } from './outbox.contract.js';
