export { describeMessageStoreContract, type MessageStoreUnderTest } from './message-store.contract.js';
