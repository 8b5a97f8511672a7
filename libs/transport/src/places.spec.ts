import { HELD_MS, Places } from './places.js';

const LIMITS = { maxConnections: 2, maxConnectionsPerIp: 10 };

/** Lets `userId` in, or says what stands against it. */
function connect(places: Places, userId: string | null, now = 0): string | null {
  const refusal = places.enter('ip', LIMITS);
  if (refusal !== null) return refusal;
  if (places.claim(userId, LIMITS, now)) return null;
  places.exit('ip');
  return 'held';
}

function leave(places: Places, returning: string | null, now = 0): void {
  places.exit('ip');
  places.release(returning, LIMITS, now);
}

describe('places on a node', () => {
  it('are as many as the limit says', () => {
    const places = new Places();
    expect(['a', 'b', 'c'].map((user) => connect(places, user))).toEqual([null, null, 'node']);
    leave(places, null);
    expect(connect(places, 'c')).toBeNull();
  });

  it('are kept for a user whose connection was lost while the node was full', () => {
    const places = new Places();
    connect(places, 'a');
    connect(places, 'b');
    leave(places, 'a');
    expect(connect(places, 'c')).toBe('held');
    expect(connect(places, null)).toBe('held');
    expect(connect(places, 'a')).toBeNull();
    expect(connect(places, 'c')).toBe('node');
  });

  it('are kept for a while only', () => {
    const places = new Places();
    connect(places, 'a');
    connect(places, 'b');
    leave(places, 'a', 1000);
    expect(connect(places, 'c', 1000 + HELD_MS - 1)).toBe('held');
    expect(connect(places, 'c', 1000 + HELD_MS)).toBeNull();
  });

  it('are not kept while there are others', () => {
    const places = new Places();
    connect(places, 'a');
    leave(places, 'a');
    expect(['b', 'c'].map((user) => connect(places, user))).toEqual([null, null]);
  });

  it('are not taken away by those who are still being asked who they are', () => {
    const places = new Places();
    connect(places, 'a');
    connect(places, 'b');
    leave(places, 'a');
    expect([1, 2, 3].map(() => places.enter('ip', LIMITS))).toEqual([null, null, null]);
    expect(connect(places, 'a')).toBeNull();
  });
});

describe('places of an address', () => {
  const limits = { maxConnections: 100, maxConnectionsPerIp: 2 };

  it('are counted from the moment somebody tries', () => {
    const places = new Places();
    expect([1, 2, 3].map(() => places.enter('one', limits))).toEqual([null, null, 'address']);
    expect(places.enter('other', limits)).toBeNull();
    places.exit('one');
    expect(places.enter('one', limits)).toBeNull();
  });
});
