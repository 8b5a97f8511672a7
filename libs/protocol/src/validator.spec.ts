import { COMMANDS, HubbubError, isValid, RoomId, UserId, validate } from './index.js';

function faults(data: unknown) {
  try {
    validate(COMMANDS.room_message.data, data);
  } catch (error) {
    return (error as HubbubError).details;
  }
  throw new Error('was accepted');
}

describe('validate', () => {
  it('lets unknown fields through and returns the value itself', () => {
    const data = { room_id: 'lobby', content: null, extra: 1 };
    expect(validate(COMMANDS.room_message.data, data)).toBe(data);
  });

  it('names path and expectation, never the value', () => {
    expect(faults({ room_id: 's3cret!', content: 1 })).toEqual([{ path: '/room_id', message: expect.any(String) }]);
    expect(JSON.stringify(faults({ room_id: 's3cret!', content: 1 }))).not.toContain('s3cret');
    expect(faults(null)).toEqual([{ path: '', message: 'must be object' }]);
    expect(faults([])).toBeDefined();
  });

  it('requires content but takes any JSON for it', () => {
    expect(faults({ room_id: 'lobby' })).toHaveLength(1);
    expect(isValid(COMMANDS.room_message.data, { room_id: 'lobby', content: null })).toBe(true);
  });
});

describe('ids', () => {
  it.each(['lobby', '_', 'a:b.c-d', 'x'.repeat(128)])('takes room %j', (id) => expect(isValid(RoomId, id)).toBe(true));
  it.each(['', '.a', 'a b', 'a*', 'a>', 'é', 'x'.repeat(129), 7, null])('refuses room %j', (id) =>
    expect(isValid(RoomId, id)).toBe(false),
  );
  it.each(['a', 'anna lena', 'a.*.>', '名前', '👩'.repeat(128)])('takes user %j', (id) =>
    expect(isValid(UserId, id)).toBe(true),
  );
  it.each(['', 'a\n', '\u0000', '\u009f', '\ud800', 'x'.repeat(129)])('refuses user %j', (id) =>
    expect(isValid(UserId, id)).toBe(false),
  );
});
