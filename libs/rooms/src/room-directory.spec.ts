import { type CachesNode, cachesNode } from '@hubbub/cache/testing';
import type { Database } from '@hubbub/storage';
import { openTestDatabase } from '@hubbub/storage/testing';
import { ROOM_ENTITIES, ROOM_MIGRATIONS } from './index.js';
import { RoomDirectory } from './room-directory.js';
import type { RoomInfo } from './room-info.js';
import { roomStore } from './room-store.js';

const room = (over: Partial<RoomInfo> = {}): RoomInfo => ({
  id: 'r',
  epoch: 'e1',
  name: 'Room',
  ownerId: 'ann',
  visibility: 'public',
  history: 'durable',
  maxClients: 1,
  metadata: {},
  createdAt: 1,
  ...over,
});

describe('RoomDirectory', () => {
  let database: Database;
  let node: CachesNode;
  let rooms: RoomDirectory;
  beforeEach(async () => {
    database = await openTestDatabase({ entities: ROOM_ENTITIES, migrations: ROOM_MIGRATIONS });
    node = await cachesNode('n1', { cache: { maxEntries: 100 } });
    rooms = new RoomDirectory(database, node.caches);
    await database.transaction((manager) => roomStore.insert(manager, room()));
  });
  afterEach(() => database.close());

  const setRole = (userId: string, role: 'banned' | 'none') =>
    database.transaction((manager) => roomStore.setRole(manager, 'r', userId, role));
  const roleOf = (userId: string) => rooms.with('r', userId, (_, role) => role);

  it('reads a room and a role once, and then knows them', async () => {
    await setRole('bob', 'banned');
    expect([await roleOf('ann'), await roleOf('bob'), await roleOf('carl')]).toEqual(['owner', 'banned', 'none']);
    const read = jest.spyOn(database, 'read');
    expect([await roleOf('ann'), await roleOf('bob'), await roleOf('carl')]).toEqual(['owner', 'banned', 'none']);
    expect(await rooms.get('r')).toEqual(room());
    expect(read).not.toHaveBeenCalled();
  });

  it('does not remember what it read of a role while that changed', async () => {
    await rooms.get('r');
    const read = database.read.bind(database);
    // The answer of the first look-up is held up until a ban has been stored and told.
    jest.spyOn(database, 'read').mockImplementationOnce(async (work) => {
      const before = await read(work);
      await setRole('bob', 'banned');
      rooms.roleChanged('e1', 'bob');
      return before;
    });
    expect(await roleOf('bob')).toBe('banned');
    expect(await roleOf('bob')).toBe('banned');
  });

  it('does not remember a room that was deleted while it was read', async () => {
    const read = database.read.bind(database);
    jest.spyOn(database, 'read').mockImplementationOnce(async (work) => {
      const before = await read(work);
      await database.transaction((manager) => roomStore.remove(manager, 'r'));
      rooms.removed(room());
      return before;
    });
    await expect(roleOf('bob')).rejects.toMatchObject({ name: 'RoomNotFound' });
    expect(rooms.peek('r')).toBeUndefined();
  });

  it('does not take the roles of a deleted room for those of its namesake', async () => {
    await setRole('bob', 'banned');
    expect(await roleOf('bob')).toBe('banned');
    await database.transaction(async (manager) => {
      await roomStore.remove(manager, 'r');
      await roomStore.insert(manager, room({ epoch: 'e2' }));
    });
    rooms.removed(room());
    expect(await roleOf('bob')).toBe('none');
  });

  it('keeps rooms that are held, however many others are looked at', async () => {
    rooms.hold(room());
    for (let n = 0; n < 110; n++) {
      const id = `other-${n}`;
      await database.transaction((manager) => roomStore.insert(manager, room({ id })));
      await rooms.get(id);
    }
    expect(rooms.peek('r')).toEqual(room());
    expect(rooms.peek('other-0')).toBeUndefined();
    rooms.release('r');
    expect(rooms.peek('r')).toBeUndefined();
  });

  it('takes over changes of rooms that it knows, and of no others', async () => {
    rooms.changed(room({ name: 'New' }), 0);
    expect(rooms.peek('r')).toBeUndefined();
    rooms.hold(room());
    expect(rooms.changed(room({ name: 'New' }), 2)).toBe(true);
    expect(rooms.peek('r')?.name).toBe('New');
    expect(rooms.changed(room({ name: 'Earlier, told late' }), 1)).toBe(false);
    expect(rooms.changed(room({ epoch: 'older', name: 'Old' }), 3)).toBe(false);
    expect(rooms.removed(room({ epoch: 'older' }))).toBe(false);
    expect(rooms.peek('r')?.name).toBe('New');
  });

  it('reads anew what was changed, and says when no node answers with what was before', async () => {
    expect([await roleOf('bob'), (await rooms.get('r')).name]).toEqual(['none', 'Room']);
    await setRole('bob', 'banned');
    await database.transaction((manager) => roomStore.replace(manager, room({ name: 'New' })));
    expect([await roleOf('bob'), (await rooms.get('r')).name]).toEqual(['none', 'Room']);
    await rooms.acknowledged(room(), 'bob');
    await rooms.acknowledged(room());
    expect([await roleOf('bob'), (await rooms.get('r')).name]).toEqual(['banned', 'New']);
  });

  it('decides by what is stored where members here were told of less', async () => {
    rooms.hold(room());
    await database.transaction((manager) => roomStore.replace(manager, room({ visibility: 'private' })));
    await rooms.acknowledged(room());
    expect(await rooms.with('r', 'bob', ({ visibility }) => visibility)).toBe('private');
    expect(rooms.peek('r')?.visibility).toBe('public');
  });

  it('decides by what is stored also while it may not rely on its memory', async () => {
    expect(await roleOf('bob')).toBe('none');
    node.contact.until = 0;
    await setRole('bob', 'banned');
    const roles = await Promise.all(Array.from({ length: 20 }, () => roleOf('bob')));
    expect(new Set(roles)).toEqual(new Set(['banned']));
  });

  it('reads all roles anew when it is not known which were changed', async () => {
    expect(await roleOf('bob')).toBe('none');
    await setRole('bob', 'banned');
    rooms.forgetRoles();
    expect(await roleOf('bob')).toBe('banned');
  });
});
