import { type Database, isUniqueViolation } from '@hubbub/storage';
import { describeOnEveryDatabase } from '@hubbub/storage/testing';
import { ROOM_ENTITIES, ROOM_MIGRATIONS } from './index.js';
import type { RoomInfo } from './room-info.js';
import { RoomMemberEntity } from './room-member.entity.js';
import { type RoomQuery, roomStore } from './room-store.js';

const room = (id: string, over: Partial<RoomInfo> = {}): RoomInfo => ({
  id,
  epoch: `epoch of ${id}`,
  name: 'Room',
  visibility: 'public',
  history: 'durable',
  maxClients: 0,
  metadata: {},
  createdAt: Date.now(),
  ...over,
});

describeOnEveryDatabase('roomStore', (open) => {
  let database: Database;
  let other: Database;
  beforeEach(async () => {
    database = await open({ entities: ROOM_ENTITIES, migrations: ROOM_MIGRATIONS });
    other = await open({ like: database });
  });
  afterEach(async () => {
    await other.close();
    await database.close();
  });

  const insert = (...rooms: RoomInfo[]) =>
    database.transaction(async (manager) => {
      for (const one of rooms) await roomStore.insert(manager, one);
    });
  const list = async (query: Partial<RoomQuery>): Promise<string[]> => {
    const found = await database.read((manager) => roomStore.list(manager, { limit: 100, ...query }));
    return found.map(({ id }) => id);
  };
  /** The same at two nodes, `times` times each at once. */
  const atBothNodes = <T>(times: number, work: (node: Database, n: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: 2 * times }, (_, n) => work(n % 2 === 0 ? database : other, n)));

  it('gives a room back as it was', async () => {
    const whole = room('r', {
      ownerId: 'ann\u0301 ',
      name: 'Räum \u{1f600} ',
      metadata: { a: [1, { b: null }] },
      maxClients: 7,
    });
    await insert(whole);
    expect(await database.read((manager) => roomStore.find(manager, 'r'))).toEqual(whole);
    expect(await database.read((manager) => roomStore.find(manager, 'R'))).toBeNull();
  });

  it('lists rooms in the order of the bytes of their ids, page by page', async () => {
    const ids = ['B', 'a', 'a-1', 'a.1', 'a1', 'a:1', 'a_1', 'b', 'Z9'];
    await insert(...ids.map((id) => room(id)));
    const sorted = [...ids].sort();
    const pages: string[] = [];
    for (let after: string | undefined; ; after = pages.at(-1)) {
      const page = await list({ limit: 2, ...(after === undefined ? {} : { after }) });
      if (page.length === 0) break;
      pages.push(...page);
    }
    expect(pages).toEqual(sorted);
    expect(await list({ prefix: 'a' })).toEqual(sorted.filter((id) => id.startsWith('a')));
    expect(await list({ prefix: 'a_' })).toEqual(['a_1']);
    expect(await list({ ids: ['b', 'a', 'A', 'nowhere'] })).toEqual(['a', 'b']);
    expect(await list({ ids: [] })).toEqual([]);
  });

  it('lists what a user may see', async () => {
    const hidden = { visibility: 'private' } as const;
    await insert(room('open'), room('own', { ...hidden, ownerId: 'ann' }), room('in', hidden), room('out', hidden));
    await insert(room('banned', hidden));
    await database.transaction(async (manager) => {
      await roomStore.setRole(manager, 'in', 'ann', 'invited');
      await roomStore.setRole(manager, 'banned', 'ann', 'banned');
    });
    expect(await list({ seenBy: 'ann' })).toEqual(['in', 'open', 'own']);
    expect(await list({ seenBy: 'Ann' })).toEqual(['open']);
  });

  it('keeps the last role that was given, and the owner for what he is', async () => {
    await insert(room('r', { ownerId: 'ann' }));
    const roles: unknown[] = [];
    for (const role of ['member', 'moderator', 'none', 'banned'] as const) {
      await database.transaction((manager) => roomStore.setRole(manager, 'r', 'bob', role));
      roles.push(await database.read((manager) => roomStore.role(manager, 'r', 'bob')));
    }
    expect(roles).toEqual(['member', 'moderator', 'none', 'banned']);
    expect(await database.read((manager) => roomStore.role(manager, 'r', 'ann'))).toBe('owner');
    expect(await database.read((manager) => roomStore.role(manager, 'nowhere', 'ann'))).toBeNull();
  });

  it('makes a room once when it is made at two nodes at once', async () => {
    for (let n = 0; n < 5; n++) {
      const outcomes = await atBothNodes(2, (node) =>
        node
          .transaction((manager) => roomStore.insert(manager, room(`r${n}`)))
          .then(
            () => 'made',
            (error: unknown) => (isUniqueViolation(error) ? 'taken' : error),
          ),
      );
      expect(outcomes.sort()).toEqual(['made', 'taken', 'taken', 'taken']);
    }
  });

  it('counts the rooms of a user so that two nodes do not make too many', async () => {
    const made = await atBothNodes(10, (node, n) =>
      node.transaction(async (manager) => {
        if ((await roomStore.countOwned(manager, 'ann')) >= 3) return false;
        await roomStore.insert(manager, room(`r${n}`, { ownerId: 'ann' }));
        return true;
      }),
    );
    expect(made.filter(Boolean)).toHaveLength(3);
  });

  it('loses no change of a room that is locked before it is changed', async () => {
    await insert(room('r', { metadata: { counts: 0 } }));
    await atBothNodes(10, (node) =>
      node.transaction(async (manager) => {
        const found = await roomStore.lock(manager, 'r');
        if (found === null) throw new Error('gone');
        const counts = Number(found.metadata['counts']) + 1;
        await roomStore.replace(manager, { ...found, metadata: { counts } });
      }),
    );
    const found = await database.read((manager) => roomStore.find(manager, 'r'));
    expect(found?.metadata).toEqual({ counts: 20 });
  });

  it('gives no role in a room that is deleted meanwhile', async () => {
    for (let n = 0; n < 5; n++) {
      await insert(room('r'));
      await atBothNodes(3, (node, k) =>
        node.transaction(async (manager) => {
          if ((await roomStore.lock(manager, 'r')) === null) return;
          if (k === 2) await roomStore.remove(manager, 'r');
          else await roomStore.setRole(manager, 'r', `user ${k}`, 'member');
        }),
      );
      expect(await database.read((manager) => manager.count(RoomMemberEntity))).toBe(0);
    }
  });
});
