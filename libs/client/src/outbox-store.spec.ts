import { type MemoryGround, memoryOutbox } from './testing/memory-outbox.js';
import { describeOutboxStore } from './testing/outbox-store.contract.js';

describeOutboxStore(
  'The store of the tests',
  async () => {
    const ground: MemoryGround = new Map();
    return { open: () => memoryOutbox(ground) };
  },
  { isShared: false },
);
