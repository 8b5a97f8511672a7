import { HubbubError } from '@hubbub/protocol';
import type { Database } from '@hubbub/storage';
import { describeOnEveryDatabase, type OpenDatabase, openTestDatabase } from '@hubbub/storage/testing';
import { Logger } from '@nestjs/common';
import { RoomAttendanceEntity, RoomRedactionEntity, RoomSeatEntity } from './attendance.entities.js';
import { attendanceStore } from './attendance-store.js';
import { DatabaseAttendance } from './database-attendance.js';
import { ROOM_ENTITIES, ROOM_MIGRATIONS } from './index.js';
import { LocalAttendance } from './local-attendance.js';
import { redactionStore } from './redaction-store.js';
import type { RoomInfo } from './room-info.js';
import { roomStore } from './room-store.js';
import type { SeatsChange } from './seat-decisions.js';
import { type AttendanceUnderTest, describeAttendanceContract } from './testing/attendance.contract.js';
import { versionStore } from './version-store.js';

const SCHEMA = { entities: ROOM_ENTITIES, migrations: ROOM_MIGRATIONS };

const wanted = (...roomIds: string[]) => new Map(roomIds.map((roomId) => [roomId, null]));

/** Nodes on one database, with a room. */
class Nodes {
  readonly changes: SeatsChange[] = [];
  readonly lost: string[] = [];
  /** Of the next transactions: whether the lease is found. */
  alive = true;
  private made = 0;

  private constructor(
    readonly databases: readonly Database[],
    readonly attendances: readonly DatabaseAttendance[],
  ) {}

  static async start(open: OpenDatabase, count: number): Promise<Nodes> {
    const first = await open(SCHEMA);
    const databases = [first];
    while (databases.length < count) databases.push(await open({ ...SCHEMA, like: first }));
    const attendances: DatabaseAttendance[] = [];
    const nodes = new Nodes(databases, attendances);
    databases.forEach((database, index) => {
      const attendance = new DatabaseAttendance({
        nodeId: `n${index}`,
        database,
        now: Date.now,
        holdLease: async () => {
          if (!nodes.alive) throw new HubbubError('ServerError');
        },
        retryMs: () => 5,
      });
      attendance.onChanged((change) => nodes.changes.push(change));
      attendance.onLost((roomId, userId) => nodes.lost.push(`${roomId} ${userId}`));
      attendances.push(attendance);
    });
    return nodes;
  }

  get database(): Database {
    return this.databases[0] as Database;
  }

  node(index: number): DatabaseAttendance {
    return this.attendances[index] as DatabaseAttendance;
  }

  async makeRoom(id: string, maxClients: number, more: Partial<RoomInfo> = {}): Promise<string> {
    const epoch = `e${++this.made}`;
    const room: RoomInfo = {
      id,
      epoch,
      name: id,
      visibility: 'public',
      history: 'durable',
      maxClients,
      metadata: {},
      createdAt: 1,
      ...more,
    };
    await this.database.transaction(async (manager) => {
      await roomStore.insert(manager, room);
      await attendanceStore.create(manager, id, epoch);
    });
    return epoch;
  }

  async unseat(roomId: string, userId: string): Promise<boolean> {
    const [version, found] = await this.database.transaction(async (manager) => {
      const raised = await this.node(0).raise(manager, roomId);
      return [raised, await this.node(0).unseat(manager, roomId, userId)] as const;
    });
    for (const attendance of this.attendances) attendance.removed(roomId, userId, version);
    return found;
  }

  /** `user@node` of all seats. */
  async seats(roomId: string): Promise<string[]> {
    const rows = await this.database.read((manager) => manager.findBy(RoomSeatEntity, { roomId }));
    return rows.map(({ userId, nodeId }) => `${userId}@${nodeId}`).sort();
  }

  async attendance(roomId: string): Promise<{ version: number; members: number }> {
    const row = await this.database.read((manager) => manager.findOneByOrFail(RoomAttendanceEntity, { roomId }));
    return { version: row.version, members: row.members };
  }

  /** Resolves when all that was asked for is stored. */
  async settled(): Promise<void> {
    for (const attendance of this.attendances) await attendance.settled();
  }

  async close(): Promise<void> {
    for (const attendance of this.attendances) attendance.close();
    for (const database of this.databases.toReversed()) await database.close();
  }
}

// What goes wrong here is meant to.
beforeAll(() => Logger.overrideLogger(false));

describeAttendanceContract('LocalAttendance', async (): Promise<AttendanceUnderTest> => {
  const attendance = new LocalAttendance();
  return {
    attendance,
    makeRoom: async () => 'e',
    settled: async () => undefined,
    unseat: async (roomId, userId) => {
      const found = await attendance.unseat(undefined as never, roomId, userId);
      if (found) attendance.removed(roomId, userId);
      return found;
    },
    close: async () => undefined,
  };
});

describeOnEveryDatabase('seats in the database', (open) => {
  describeAttendanceContract('DatabaseAttendance', async (): Promise<AttendanceUnderTest> => {
    const nodes = await Nodes.start(open, 1);
    return {
      attendance: nodes.node(0),
      makeRoom: (roomId, maxClients) => nodes.makeRoom(roomId, maxClients),
      settled: () => nodes.settled(),
      unseat: (roomId, userId) => nodes.unseat(roomId, userId),
      close: () => nodes.close(),
    };
  });

  describe('of three nodes', () => {
    let nodes: Nodes;
    beforeAll(async () => {
      nodes = await Nodes.start(open, 3);
    });
    afterAll(() => nodes.close());

    const take = async (node: number, roomId: string, epoch: string, userId: string, admin = false) =>
      nodes.node(node).take({ roomId, epoch, maxClients: 0, userId, username: userId, admin });

    it('200 users who come at the same moment to 50 seats: exactly 50 are in, 20 times', async () => {
      for (let round = 0; round < 20; round++) {
        const roomId = `full${round}`;
        const epoch = await nodes.makeRoom(roomId, 50);
        const results = await Promise.allSettled(
          Array.from({ length: 200 }, (_, n) => take(n % 3, roomId, epoch, `user${n}`)),
        );
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
        const refusals = results.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
        expect(new Set(refusals.map(({ name }) => name))).toEqual(new Set(['RoomFull']));
        expect(await nodes.seats(roomId)).toHaveLength(50);
        expect((await nodes.attendance(roomId)).members).toBe(50);
      }
    });

    it('users who come and go at all nodes leave nothing behind, and the count is right', async () => {
      const sizes = nodes.attendances.map(({ size }) => size);
      const epochs = await Promise.all(['x', 'y', 'z'].map((roomId) => nodes.makeRoom(roomId, 5)));
      const rooms = ['x', 'y', 'z'].map((roomId, index) => ({ roomId, epoch: epochs[index] as string }));
      const walks = Array.from({ length: 60 }, async (_, n) => {
        for (let step = 0; step < 5; step++) {
          const { roomId, epoch } = rooms[(n + step) % 3] as (typeof rooms)[number];
          const userId = `user${n % 20}`;
          const isIn = await take(n % 3, roomId, epoch, userId).then(
            () => true,
            () => false,
          );
          expect((await nodes.attendance(roomId)).members).toBeLessThanOrEqual(5);
          if (isIn) nodes.node(n % 3).release(roomId, userId);
        }
      });
      await Promise.all(walks);
      await nodes.settled();
      for (const { roomId } of rooms) {
        expect(await nodes.seats(roomId)).toEqual([]);
        expect((await nodes.attendance(roomId)).members).toBe(0);
      }
      expect(nodes.attendances.map(({ size }) => size)).toEqual(sizes);
    });

    it('count one who is at two of them once, and keep since when he is there', async () => {
      const epoch = await nodes.makeRoom('two', 1);
      const since = await take(0, 'two', epoch, 'ann');
      expect(await take(1, 'two', epoch, 'ann')).toBe(since);
      await expect(take(2, 'two', epoch, 'bob')).rejects.toThrow(new HubbubError('RoomFull'));
      nodes.node(0).release('two', 'ann');
      await nodes.settled();
      expect(await nodes.seats('two')).toEqual(['ann@n1']);
      expect((await nodes.attendance('two')).members).toBe(1);
      nodes.node(1).release('two', 'ann');
      await nodes.settled();
      await take(2, 'two', epoch, 'bob');
    });

    it('have a seat for another as soon as it is said to be free, whatever else is under way', async () => {
      const epoch = await nodes.makeRoom('one', 1);
      const [busy] = await Promise.all([nodes.makeRoom('busy', 0), take(0, 'one', epoch, 'user0')]);
      for (let n = 0; n < 9; n++) {
        const others = Array.from({ length: 3 }, (_, node) => take(node, 'busy', busy, `other${n}`));
        nodes.node(n % 3).release('one', `user${n}`);
        await nodes.node(n % 3).freed('one', `user${n}`);
        await take((n + 1) % 3, 'one', epoch, `user${n + 1}`);
        await Promise.all(others);
      }
      // One who needs it still after all, or has none, keeps nobody waiting.
      nodes.node(0).release('one', 'user9');
      const isFree = nodes.node(0).freed('one', 'user9');
      await take(0, 'one', epoch, 'user9');
      await isFree;
      await nodes.node(1).freed('one', 'stranger');
      expect(await nodes.seats('one')).toEqual(['user9@n0']);
    });

    it('number the changes of a room without a gap, and each tells its own', async () => {
      const epoch = await nodes.makeRoom('told', 0);
      nodes.changes.length = 0;
      await Promise.all([0, 1, 2].map((node) => take(node, 'told', epoch, `user${node}`)));
      nodes.node(0).release('told', 'user0');
      await nodes.settled();
      const changes = nodes.changes.toSorted((a, b) => a.version - b.version);
      expect(changes.map(({ version }) => version)).toEqual([1, 2, 3, 4]);
      expect(changes.at(-1)).toMatchObject({ joined: [], left: ['user0'], epoch });
      expect((await nodes.attendance('told')).version).toBe(4);
    });

    it('decide by what is stored: a ban, a private room, a room that is no more or another', async () => {
      const epoch = await nodes.makeRoom('rules', 0, { visibility: 'private', ownerId: 'ann' });
      await nodes.database.transaction(async (manager) => {
        await roomStore.setRole(manager, 'rules', 'guest', 'invited');
        await roomStore.setRole(manager, 'rules', 'bad', 'banned');
      });
      await Promise.all([take(0, 'rules', epoch, 'ann'), take(1, 'rules', epoch, 'guest')]);
      await take(1, 'rules', epoch, 'chief', true);
      for (const user of ['bad', 'stranger']) {
        await expect(take(2, 'rules', epoch, user)).rejects.toMatchObject({ name: 'Forbidden' });
      }
      await expect(take(2, 'rules', 'another', 'ann')).rejects.toThrow(new HubbubError('RoomNotFound'));
      await expect(take(2, 'absent', epoch, 'ann')).rejects.toThrow(new HubbubError('RoomNotFound'));
    });

    it('find out by a reading who lost his seat, and free what nobody knows of', async () => {
      const epoch = await nodes.makeRoom('read', 0);
      await Promise.all([take(0, 'read', epoch, 'ann'), take(0, 'read', epoch, 'bob'), take(1, 'read', epoch, 'cid')]);
      await nodes.database.transaction(async (manager) => {
        await attendanceStore.raise(manager, 'read');
        await attendanceStore.unseat(manager, 'read', 'ann');
        await manager.insert(RoomSeatEntity, {
          roomId: 'read',
          userId: 'leak',
          nodeId: 'n0',
          username: 'leak',
          joinedAt: 1,
        });
      });
      let lost: readonly string[] = [];
      await nodes.node(0).read(wanted('read', 'absent'), (rooms) => {
        expect([...rooms.keys()]).toEqual(['read']);
        lost = rooms.get('read')?.lost ?? [];
        expect(rooms.get('read')?.room.name).toBe('read');
      });
      expect(lost).toEqual(['ann']);
      expect(nodes.node(0).holds('read', 'ann')).toBe(false);
      await nodes.settled();
      expect(await nodes.seats('read')).toEqual(['bob@n0', 'cid@n1']);
    });

    it('find out by a reading what was redacted since, for an hour', async () => {
      await nodes.makeRoom('erased', 0);
      const redact = (seq: number) =>
        nodes.database.transaction((manager) => nodes.node(0).redact(manager, 'erased', seq));
      const kept = async (after: number | null) => {
        let found: (readonly [number, number])[] = [];
        await nodes.node(1).read(new Map([['erased', after]]), (rooms) => {
          found = [...(rooms.get('erased')?.redactions ?? [])];
        });
        return found;
      };
      const redactedAt = Date.now() - 3_600_001;
      await nodes.database.transaction(async (manager) => {
        const version = await attendanceStore.raise(manager, 'erased');
        await redactionStore.keep(manager, { roomId: 'erased', version, seq: 9, redactedAt });
      });
      expect(await kept(0)).toEqual([[1, 9]]);
      expect([await redact(7), await redact(5)]).toEqual([2, 3]);
      expect(await kept(0)).toEqual([
        [2, 7],
        [3, 5],
      ]);
      expect(await kept(2)).toEqual([[3, 5]]);
      expect(await kept(null)).toEqual([]);
      expect(await nodes.database.transaction((manager) => nodes.node(0).redact(manager, 'absent', 1))).toBe(0);
      await nodes.database.transaction((manager) => attendanceStore.remove(manager, 'erased'));
      expect(await nodes.database.read((manager) => manager.count(RoomRedactionEntity))).toBe(0);
    });

    it('are told of rooms that are not where they are known to be, and of no others', async () => {
      const [same, changed, anew] = ["same'", 'Same', '{"anew"}'];
      const epochs = new Map<string, string>();
      for (const roomId of [same, changed, anew]) epochs.set(roomId, await nodes.makeRoom(roomId, 0));
      const known = new Map(Array.from(epochs, ([roomId, epoch]) => [roomId, { epoch, version: 0 }]));
      const ask = () => nodes.database.read((manager) => versionStore.differing(manager, known));
      expect(await ask()).toEqual(new Map());
      expect(await nodes.database.read((manager) => versionStore.differing(manager, new Map()))).toEqual(new Map());

      await take(1, changed, epochs.get(changed) as string, 'ann');
      known.set(anew, { epoch: 'of the room before', version: 0 });
      // More than one statement is about, and none of them there.
      const gone = Array.from({ length: 1200 }, (_, index) => `gone ${index}`);
      for (const roomId of gone) known.set(roomId, { epoch: 'e', version: 0 });
      const differing = new Map<string, unknown>(gone.map((roomId) => [roomId, null]));
      differing.set(changed, { epoch: epochs.get(changed), version: 1 });
      differing.set(anew, { epoch: epochs.get(anew), version: 0 });
      expect(await ask()).toEqual(differing);
    });

    it('free the seats of one that is dead in one go, and those who are at another stay', async () => {
      const epoch = await nodes.makeRoom('dead', 0);
      await Promise.all([take(0, 'dead', epoch, 'ann'), take(0, 'dead', epoch, 'bob'), take(1, 'dead', epoch, 'bob')]);
      const before = await nodes.attendance('dead');
      await nodes.database.transaction((manager) => attendanceStore.freeNode(manager, 'n0'));
      expect(await nodes.seats('dead')).toEqual(['bob@n1']);
      expect(await nodes.attendance('dead')).toEqual({ version: before.version + 1, members: 1 });
    });

    it('taken for dead take nothing, and take anew what they need when they are back, as far as there is room', async () => {
      const epoch = await nodes.makeRoom('back', 2);
      await Promise.all([take(0, 'back', epoch, 'ann'), take(0, 'back', epoch, 'bob')]);
      nodes.alive = false;
      await nodes.database.transaction((manager) => attendanceStore.freeNode(manager, 'n0'));
      await expect(take(0, 'back', epoch, 'cid')).rejects.toMatchObject({ name: 'ServerError' });
      await expect(nodes.node(0).read(wanted('back'), () => undefined)).rejects.toMatchObject({ name: 'ServerError' });
      expect(nodes.node(0).holds('back', 'ann')).toBe(true);
      nodes.alive = true;
      await take(1, 'back', epoch, 'dan');
      nodes.node(0).retakeAll();
      // Those whose seats are gone by this reading were not kicked: they are about to take them anew.
      await nodes.node(0).read(wanted('back'), (rooms) => expect(rooms.get('back')?.lost).toEqual([]));
      await nodes.settled();
      expect(await nodes.seats('back')).toHaveLength(2);
      expect(nodes.lost).toHaveLength(1);
      expect(nodes.node(0).holds('back', 'ann')).not.toBe(nodes.node(0).holds('back', 'bob'));
    });
  });
});

describe('while the database is away', () => {
  it('who comes is told, and who goes frees his seat once it is back', async () => {
    const database = await openTestDatabase(SCHEMA);
    const open = (async () => database) as OpenDatabase;
    const nodes = await Nodes.start(open, 1);
    const epoch = await nodes.makeRoom('r', 0);
    const ask = (userId: string) =>
      nodes.node(0).take({ roomId: 'r', epoch, maxClients: 0, userId, username: userId, admin: false });
    await ask('ann');
    const real = database.transaction.bind(database);
    let attempts = 0;
    let gaveUp = () => {};
    const failedTwice = new Promise<void>((resolve) => (gaveUp = resolve));
    database.transaction = async () => {
      if (++attempts === 3) gaveUp();
      throw new HubbubError('ServerError');
    };
    nodes.node(0).release('r', 'ann');
    const told = nodes.node(0).freed('r', 'ann');
    await expect(ask('bob')).rejects.toMatchObject({ name: 'ServerError' });
    await Promise.all([told, failedTwice]);
    // Stored, though nobody was told so.
    const lose = jest.fn(async (work: Parameters<typeof real>[0]) => {
      await real(work);
      throw new HubbubError('Timeout');
    });
    database.transaction = lose as never;
    await expect(ask('cid')).rejects.toMatchObject({ name: 'Timeout' });
    database.transaction = real;
    await nodes.settled();
    expect(await nodes.seats('r')).toEqual([]);
    expect(nodes.node(0).size).toBe(0);
    await nodes.close();
  });
});
