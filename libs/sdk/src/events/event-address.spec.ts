import { eventSubject } from '@hubbub/protocol';
import { coverOf, matches, readAddress, subscriptionOf } from './event-address.js';

describe('the address of an event', () => {
  it.each(['lobby', 'a.b:c', 'support.*', 'größe', '='])('is read from its subject: %s', (room) => {
    const subject = eventSubject('room', room, 'room_message');
    expect(readAddress(subject)).toMatchObject({ type: 'room_message', key: room });
  });

  it('is subscribed to as one room, or as all of them where a pattern cannot be said to NATS', () => {
    expect(subscriptionOf({ type: 'room_message' })).toBe('hubbub.evt.room.*.room_message');
    expect(subscriptionOf({ type: 'room_message', room: 'a.b' })).toBe('hubbub.evt.room.a=2Eb.room_message');
    expect(subscriptionOf({ type: 'room_message', room: 'support.*' })).toBe('hubbub.evt.room.*.room_message');
    expect(subscriptionOf({ type: 'room_message', room: 'a' }, 'eph')).toBe('hubbub.eph.room.a.room_message');
    expect(subscriptionOf({ type: 'user_online' })).toBe('hubbub.evt.user.*.user_online');
  });

  it.each([
    [undefined, 'support.1', true],
    ['*', 'support.1', true],
    ['support.*', 'support.1', true],
    ['support.*', 'sales.1', false],
    ['*.1', 'support.1', true],
    ['support.1', 'support.1', true],
    ['support.1', 'support.10', false],
  ])('matches the pattern %s: %s is %s', (room, key, expected) => {
    const address = readAddress(eventSubject('room', key, 'room_message'));
    expect(matches({ type: 'room_message', room }, address)).toBe(expected);
    expect(matches({ type: 'room_created', room }, address)).toBe(false);
  });

  it('is covered with others by one subscription', () => {
    const [one, other] = [
      subscriptionOf({ type: 'room_message', room: 'a' }),
      subscriptionOf({ type: 'room_message' }),
    ];
    expect(coverOf([one])).toBe(one);
    expect(coverOf([one, other])).toBe('hubbub.evt.room.*.room_message');
    expect(coverOf([one, subscriptionOf({ type: 'room_created', room: 'a' })])).toBe('hubbub.evt.room.a.*');
    expect(coverOf([other, subscriptionOf({ type: 'user_online' })])).toBe('hubbub.evt.*.*.*');
  });
});
