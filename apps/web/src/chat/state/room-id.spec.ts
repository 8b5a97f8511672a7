import { roomIdFor } from './room-id.js';

describe('the address of a room', () => {
  it.each([
    ['Lunch plans', 'lunch-plans'],
    ['  Café № 5!  ', 'cafe-no-5'],
    ['--x--', 'x'],
    ['会议室', ''],
    ['a'.repeat(100), 'a'.repeat(64)],
  ])('of %j is %j', (name, id) => {
    expect(roomIdFor(name)).toBe(id);
  });
});
