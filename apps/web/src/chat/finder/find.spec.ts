import type { Room } from '@hubbub/protocol';
import { unknownRoom } from '../state/unknown-room.js';
import { find } from './find.js';

const room = (id: string, name: string): Room => ({ ...unknownRoom(id), name });

const own = [room('lunch', 'Lunch plans'), room('team', 'Our team')];
const all = {
  entered: own,
  others: [...own, room('planets', 'Planets')],
  people: [
    { userId: 'pat', username: 'Pat' },
    { userId: 'u-7', username: 'Planck' },
  ],
  idOf: (text: string) => text.toLowerCase(),
};
const idsOf = (query: string) => find(query, all).map(({ kind, target }) => `${kind} ${target.id}`);

describe('find', () => {
  it('shows own rooms and people before anything is typed', () => {
    expect(idsOf('')).toEqual(['room lunch', 'room team', 'person pat', 'person u-7', 'room planets']);
  });

  it('puts own rooms before people before other rooms, by name or id, and each once', () => {
    expect(idsOf('plan')).toEqual(['room lunch', 'person u-7', 'room planets', 'write plan']);
  });

  it('offers to write to whom the text means, unless it is that of somebody known', () => {
    expect(idsOf('Bob')).toEqual(['write bob']);
    expect(idsOf('pat')).toEqual(['person pat']);
  });

  it('puts what begins so before what only has it inside', () => {
    const entered = [room('a', 'xteam'), room('b', 'my team'), room('c', 'Team')];
    expect(find('team', { entered, others: [], people: [], idOf: all.idOf }).map(({ target }) => target.id)).toEqual([
      'c',
      'b',
      'a',
      'team',
    ]);
  });
});
