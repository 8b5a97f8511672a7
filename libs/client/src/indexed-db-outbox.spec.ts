import { forceCloseDatabase, IDBFactory } from 'fake-indexeddb';
import type { Database, Factory } from './indexed-db.js';
import { indexedDbOutbox } from './indexed-db-outbox.js';
import { FakeLocks } from './testing/fake-locks.js';
import { describeOutboxStore, keptMessage } from './testing/outbox-store.contract.js';

const nothing = () => {};
const newDatabase = () => new IDBFactory() as unknown as Factory;

describeOutboxStore(
  'IndexedDB with Web Locks',
  async () => {
    const [indexedDB, locks] = [newDatabase(), new FakeLocks()];
    return { open: () => indexedDbOutbox({ indexedDB, locks }) };
  },
  { isShared: true },
);

describeOutboxStore(
  'IndexedDB without Web Locks',
  async () => {
    const indexedDB = newDatabase();
    return { open: () => indexedDbOutbox({ indexedDB, locks: undefined }) };
  },
  { isShared: false },
);

describe('the outbox in IndexedDB', () => {
  it('is there for the next tab when one crashed, which no goodbye tells but its lock', async () => {
    const indexedDB = newDatabase();
    const crashed = indexedDbOutbox({ indexedDB, locks: new FakeLocks() });
    await crashed.write([keptMessage('a')], []);
    // The locks of the crashed one went with it.
    const next = indexedDbOutbox({ indexedDB, locks: new FakeLocks() });
    expect(await next.take('alice', nothing)).toHaveLength(1);
  });

  it('keeps databases of different names apart', async () => {
    const [indexedDB, locks] = [newDatabase(), new FakeLocks()];
    const one = indexedDbOutbox({ indexedDB, locks });
    await one.write([keptMessage('a')], []);
    await one.close();
    expect(await indexedDbOutbox({ indexedDB, locks, name: 'other' }).take('alice', nothing)).toEqual([]);
  });

  it('rejects where there is no database', async () => {
    const store = indexedDbOutbox({ indexedDB: undefined, locks: undefined });
    await expect(store.write([keptMessage('a')], [])).rejects.toThrow('there is no IndexedDB here');
    await expect(store.take('alice', nothing)).rejects.toThrow('there is no IndexedDB here');
    await store.close();
  });

  it('is opened again after the browser closed it', async () => {
    const opened: Database[] = [];
    const indexedDB = newDatabase();
    const spying: Factory = {
      open: (name, version) => {
        const request = indexedDB.open(name, version);
        request.addEventListener('success', () => opened.push(request.result));
        return request;
      },
    };
    const store = indexedDbOutbox({ indexedDB: spying, locks: new FakeLocks() });
    await store.write([keptMessage('a')], []);
    forceCloseDatabase(opened[0]);
    await store.write([keptMessage('b')], []);
    expect(opened).toHaveLength(2);
  });
});
