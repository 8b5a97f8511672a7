import { describeOnEveryDatabase } from '@hubbub/storage/testing';
import {
  describeMessageStoreContract,
  describeMessageStoreModel,
  describeMessageStoreNodes,
  describeOutboxContract,
} from './testing/index.js';

describeOnEveryDatabase('the message store', (open, type) => {
  describeMessageStoreContract(type, open);
  describeMessageStoreNodes(type, open);
  describeMessageStoreModel(type, open);
  describeOutboxContract(type, open);
});
