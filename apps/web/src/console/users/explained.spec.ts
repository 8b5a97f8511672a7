import { type CommandType, COMMANDS as OF_PROTOCOL } from '@hubbub/protocol';
import { COMMANDS, dataOf, fieldsOf } from './explained.js';

const values = { room_id: ' lobby ', target_id: 'bob', role: 'banned', seq: '7' };

describe('what is asked of a command that is explained', () => {
  it('is what the command is about, as its client would say it', () => {
    expect(dataOf('set_member', values)).toEqual({ room_id: 'lobby', target_id: 'bob', role: 'banned' });
    expect(dataOf('redact_message', values)).toEqual({ room_id: 'lobby', seq: 7 });
    expect(dataOf('list_rooms', values)).toEqual({});
    expect(dataOf('join_room', { ...values, room_id: '' })).toEqual({});
  });

  it('is the room for what an application handles itself, and for permissions', () => {
    expect(['orders:pay', 'my_command', 'constructor'].map(fieldsOf)).toEqual([['room_id'], ['room_id'], ['room_id']]);
  });

  it('is known of every command of the protocol that somebody may be denied', () => {
    const free = ['ping', 'authenticate', 'close', 'cancel', 'tap'];
    const deniable = (Object.keys(OF_PROTOCOL) as CommandType[]).filter((name) => !free.includes(name));
    expect([...COMMANDS].sort()).toEqual(deniable.sort());
  });
});
