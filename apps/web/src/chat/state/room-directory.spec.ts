import type { ListedRoom } from '@hubbub/protocol';
import { RoomBook } from './room-book.js';
import { type ListRooms, RoomDirectory } from './room-directory.js';
import { unknownRoom } from './unknown-room.js';

function roomOf(id: string, name = id): ListedRoom {
  return { ...unknownRoom(id), name };
}

/** Rooms as a gateway lists them: by id, in pages. */
function gateway(rooms: ListedRoom[]): { rooms: ListedRoom[]; list: ListRooms } {
  const held = { rooms };
  const list: ListRooms = async ({ cursor = '', prefix = '', limit }) => {
    const found = held.rooms
      .filter(({ id }) => id > cursor && id.startsWith(prefix))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return { rooms: page, ...(found.length > limit && last && { next_cursor: last.id }) };
  };
  return Object.assign(held, { list });
}

const many = (count: number) => Array.from({ length: count }, (_, i) => roomOf(`r${String(i).padStart(4, '0')}`));
const idsOf = (directory: RoomDirectory) => directory.shown.value.map(({ id }) => id);

describe('RoomDirectory', () => {
  it('reads thousands of rooms page by page, each once', async () => {
    const directory = new RoomDirectory(new RoomBook(), gateway(many(250)).list);
    expect(directory.isEmptyYet).toBe(true);
    await Promise.all([directory.more(), directory.more()]);
    expect(idsOf(directory)).toHaveLength(100);
    await directory.more();
    await directory.more();
    expect(directory.hasMore).toBe(false);
    await directory.more();
    expect(new Set(idsOf(directory)).size).toBe(250);
  });

  it('finds what was read by any part of its name, and what was not by the beginning of its address', async () => {
    const rooms = [...many(150), roomOf('zebra-crossing', 'On the street'), roomOf('r0001x', 'Lunch Plans')];
    const directory = new RoomDirectory(new RoomBook(), gateway(rooms).list);
    await directory.more();
    await directory.search('plans');
    expect(idsOf(directory)).toEqual(['r0001x']);
    await directory.search('Zebra cr');
    expect(idsOf(directory)).toEqual(['zebra-crossing']);
    await directory.search('');
    expect(idsOf(directory)).toHaveLength(100);
  });

  it('shows the answers to the last search only, however late others come', async () => {
    const { list } = gateway([roomOf('apple'), roomOf('pear')]);
    const waiting: (() => void)[] = [];
    const directory = new RoomDirectory(new RoomBook(), async (query) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return list(query);
    });
    const first = directory.search('app');
    const second = directory.search('pea');
    waiting[1]?.();
    await second;
    waiting[0]?.();
    await first;
    expect(idsOf(directory)).toEqual(['pear']);
  });

  it('forgets rooms that are gone when it is read anew, and keeps what was read beyond the first page', async () => {
    const held = gateway(many(250));
    const directory = new RoomDirectory(new RoomBook(), held.list);
    await directory.more();
    await directory.more();
    held.rooms = held.rooms.filter(({ id }) => id !== 'r0005');
    await directory.refresh();
    expect(idsOf(directory)).not.toContain('r0005');
    expect(idsOf(directory)).toContain('r0199');
    await directory.more();
    expect(idsOf(directory)).toHaveLength(249);
  });

  it('says what went wrong, and reads on when asked again', async () => {
    const { list } = gateway(many(1));
    let isAway = true;
    const directory = new RoomDirectory(new RoomBook(), (query) =>
      isAway ? Promise.reject(new Error('away')) : list(query),
    );
    await directory.more();
    expect(directory.error.value).toMatchObject({ message: 'away' });
    isAway = false;
    await directory.more();
    expect([directory.error.value, idsOf(directory)]).toEqual([null, ['r0000']]);
  });
});
