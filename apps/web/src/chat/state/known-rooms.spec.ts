import type { ListedRoom } from '@hubbub/protocol';
import { knownRooms, type ListKnown } from './known-rooms.js';
import { unknownRoom } from './unknown-room.js';

function roomOf(id: string, unread?: number): ListedRoom {
  return { ...unknownRoom(id), ...(unread === undefined ? {} : { unread }) };
}

/** Rooms as a gateway lists them: by id, in pages. */
function gateway(rooms: ListedRoom[], joined: string[] = []): { list: ListKnown; looked: () => number } {
  let looked = 0;
  const list: ListKnown = async (query) => {
    const found = rooms.filter(({ id }) => id > (query.cursor ?? '') && (!query.joined || joined.includes(id)));
    const page = found.slice(0, query.limit);
    const last = page.at(-1);
    if (!query.joined) looked += page.length;
    return { rooms: page, ...(found.length > page.length && last && { next_cursor: last.id }) };
  };
  return { list, looked: () => looked };
}

const many = (count: number, unread?: number) =>
  Array.from({ length: count }, (_, i) => roomOf(`r${String(i).padStart(4, '0')}`, unread));

describe('knownRooms', () => {
  it('are those in which other devices are and those with a read marker, also where all is read', async () => {
    const { list } = gateway(
      [roomOf('attic'), roomOf('cellar', 0), roomOf('den'), roomOf('lobby', 3)],
      ['den', 'lobby'],
    );
    expect(new Set(await knownRooms(list))).toEqual(new Set(['den', 'lobby', 'cellar']));
  });

  it('are found on later pages, of which the first 500 rooms are looked through', async () => {
    const { list, looked } = gateway(many(1200, 0));
    expect(await knownRooms(list)).toHaveLength(500);
    expect(looked()).toBe(500);
    const rest = gateway([...many(300), roomOf('s', 1)]);
    expect(await knownRooms(rest.list)).toEqual(['s']);
    expect(rest.looked()).toBe(301);
  });

  it('are none where there are none', async () => {
    expect(await knownRooms(gateway([]).list)).toEqual([]);
  });
});
