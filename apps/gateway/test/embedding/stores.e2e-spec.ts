import {
  Database,
  isRoomEntry,
  MemoryBus,
  MessageStore,
  messageStoreOn,
  type NewEntry,
  type Outcome,
  SqliteDatabase,
  SqliteMessageStore,
} from '@hubbub/hubbub';
import { Injectable, Module } from '@nestjs/common';
import { closeApplications, startApplication } from './applications.js';

/** Something of the application that the store tells. */
@Injectable()
class Ledger {
  readonly rows: string[] = [];
}

@Module({ providers: [Ledger], exports: [Ledger] })
class LedgerModule {}

/** The store in SQLite, and a note of what it has taken. */
@Injectable()
class RecordingStore extends SqliteMessageStore {
  constructor(
    database: Database,
    private readonly ledger: Ledger,
  ) {
    super(database as SqliteDatabase);
  }

  override async append(batch: readonly NewEntry[], now: number): Promise<readonly Outcome[]> {
    const outcomes = await super.append(batch, now);
    for (const entry of batch) {
      this.ledger.rows.push(`${isRoomEntry(entry) ? entry.roomId : entry.targetId}: ${entry.contentJson}`);
    }
    return outcomes;
  }
}

describe('a store of an application', () => {
  afterAll(closeApplications);

  it('keeps the messages, of rooms and between users, and gives them back', async () => {
    const app = await startApplication({
      hubbub: { imports: [LedgerModule], providers: [{ provide: MessageStore, useClass: RecordingStore }] },
    });
    const alice = await app.connect('alice');
    await alice.command('create_room', { room_id: 'kept' });
    await alice.command('join_room', { room_id: 'kept' });
    await alice.command('room_message', { room_id: 'kept', content: { n: 1 } });
    await alice.command('direct_message', { target_id: 'bob', content: 'psst' });
    expect(app.app.get(Ledger, { strict: false }).rows).toEqual(['kept: {"n":1}', 'bob: "psst"']);
    expect((await alice.command('room_history', { room_id: 'kept' })).messages).toMatchObject([{ content: { n: 1 } }]);
  });

  it('made by a factory, of what Hubbub has for the database', async () => {
    const made: MessageStore[] = [];
    const useFactory = (database: Database) => {
      made.push(messageStoreOn(database));
      return made[0];
    };
    const app = await startApplication({
      hubbub: { providers: [{ provide: MessageStore, inject: [Database], useFactory }] },
    });
    const alice = await app.connect('alice');
    await alice.command('direct_message', { target_id: 'alice', content: 1 });
    expect(made).toHaveLength(1);
    expect(await made[0]?.inboxHead('alice')).toBe(1);
  });

  it('of a token that Hubbub does not have is refused at once', () => {
    class Elsewhere {}
    const replace = () => startApplication({ hubbub: { providers: [{ provide: Elsewhere, useValue: 1 }] } });
    expect(replace).toThrow('Hubbub has no Elsewhere that could be left out or replaced');
  });
});

describe('a bus of an application', () => {
  afterAll(closeApplications);

  it('is the one that its nodes talk over', async () => {
    const names: string[] = [];
    const app = await startApplication({
      config: { cluster: { nodeId: 'own-1' } },
      hubbub: {
        bus: (nodeId) => {
          names.push(nodeId);
          return new MemoryBus(nodeId);
        },
      },
    });
    const client = await app.connect('alice');
    expect(await client.next('connected')).toMatchObject({ node_id: 'own-1' });
    expect(names).toEqual(['own-1']);
  });
});
