export { describeMessageStoreContract, type MessageStoreUnderTest } from './message-store.contract.js';
export { type OpenMessages, type OpenMessagesOptions, openMessages } from './open-messages.js';
