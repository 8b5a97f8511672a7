import fc from 'fast-check';
import { Memberships } from './memberships.js';

interface Wire {
  readonly user: string;
  readonly name: string;
}
const wire = (user: string, name = user): Wire => ({ user, name });
const userOf = (connection: Wire) => ({ userId: connection.user, username: connection.user });
const NOTHING = { rooms: 0, users: 0, connections: 0, kept: 0 };

function setUp() {
  const members = new Memberships<Wire>();
  const join = (roomId: string, connection: Wire, now = 0) => members.join(roomId, connection, userOf(connection), now);
  return { members, join };
}

describe('Memberships', () => {
  it('seats a user once, whatever the number of his connections', () => {
    const { members, join } = setUp();
    const [one, two] = [wire('ann'), wire('ann')];
    expect(join('r', one)).toMatchObject({ first: true });
    expect(join('r', two)).toMatchObject({ first: false });
    expect(members.count('r')).toBe(1);
    expect(members.leave('r', one, 0)).toMatchObject({ left: false });
    expect(members.leave('r', two, 0)).toMatchObject({ left: true });
    expect(members.size).toEqual(NOTHING);
  });

  it('answers a second join of a connection', () => {
    const { join } = setUp();
    const ann = wire('ann');
    join('r', ann);
    expect(join('r', ann)).toBe('already');
  });

  it('keeps the seat of a lost connection for the grace, and the user coming back is not new', () => {
    const { members, join } = setUp();
    const lost = wire('ann');
    join('r', lost, 10);
    expect(members.end(lost, 100, 50)).toMatchObject([{ left: false }]);
    expect(members.count('r')).toBe(1);
    expect(join('r', wire('ann'), 149)).toMatchObject({ first: false, seat: { joinedAt: 10 } });
    expect(members.expire(1_000)).toEqual([]);
    expect(members.count('r')).toBe(1);
  });

  it('frees the seat of a lost connection when the grace has passed', () => {
    const { members, join } = setUp();
    const lost = wire('ann');
    join('r', lost);
    members.end(lost, 100, 50);
    expect(members.nextExpiry).toBe(150);
    expect(members.expire(149)).toEqual([]);
    expect(members.expire(150)).toMatchObject([{ userId: 'ann', roomId: 'r' }]);
    expect(members.size).toEqual(NOTHING);
    expect(members.nextExpiry).toBeUndefined();
  });

  it('frees the seat at once when the connection said goodbye', () => {
    const { members, join } = setUp();
    const ann = wire('ann');
    join('r', ann);
    join('s', ann);
    expect(members.end(ann, 0, 0)).toMatchObject([{ left: true }, { left: true }]);
    expect(members.size).toEqual(NOTHING);
  });

  it('lets one who was lost, came back and then left go at once', () => {
    const { members, join } = setUp();
    const [lost, back] = [wire('ann'), wire('ann')];
    join('r', lost);
    members.end(lost, 100, 50);
    join('r', back, 110);
    expect(members.leave('r', back, 120)).toMatchObject({ left: true });
  });

  it('frees a seat that only the grace keeps, when the user is somewhere else', () => {
    const { members, join } = setUp();
    const [lost, other] = [wire('ann'), wire('ann')];
    join('r', lost);
    join('r', other);
    members.end(lost, 100, 50);
    expect(members.freeKept('r', 'ann')).toBeNull();
    members.end(other, 100, 50);
    expect(members.freeKept('r', 'ann')).toMatchObject({ userId: 'ann' });
    expect(members.freeKept('r', 'ann')).toBeNull();
    expect(members.size).toEqual(NOTHING);
  });

  it('keeps the seat for a lost connection also when another one of the user leaves later', () => {
    const { members, join } = setUp();
    const [lost, other] = [wire('ann'), wire('ann')];
    join('r', lost);
    join('r', other);
    members.end(lost, 100, 50);
    expect(members.leave('r', other, 120)).toMatchObject({ left: false });
    expect(members.expire(150)).toHaveLength(1);
  });

  it('takes out a user with all his connections, and one whom only the grace kept', () => {
    const { members, join } = setUp();
    const [one, two, lost] = [wire('ann'), wire('ann'), wire('bob')];
    join('r', one);
    join('r', two);
    join('r', lost);
    members.end(lost, 0, 50);
    expect([...(members.removeUser('r', 'ann')?.connections ?? [])]).toEqual([one, two]);
    expect(members.removeUser('r', 'bob')?.connections.size).toBe(0);
    expect(members.removeUser('r', 'carl')).toBeNull();
    expect(members.size).toEqual(NOTHING);
  });

  it('counts users, and ends with nothing left, whatever happens in whatever order', () => {
    const people = ['a', 'b', 'c', 'd'].flatMap((user) => [wire(user, `${user}1`), wire(user, `${user}2`)]);
    const connection = fc.constantFrom(...people);
    const room = fc.constantFrom('r', 's');
    const step = fc.oneof(
      fc.record({ do: fc.constant('join' as const), room, connection, wait: fc.nat(20) }),
      fc.record({ do: fc.constant('leave' as const), room, connection, wait: fc.nat(20) }),
      fc.record({ do: fc.constantFrom('lose' as const, 'end' as const), room, connection, wait: fc.nat(20) }),
      fc.record({ do: fc.constant('kick' as const), room, connection, wait: fc.nat(20) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const members = new Memberships<Wire>();
        /** The model: who is in by connection, and until when a seat is kept. */
        const present = new Map<string, Set<Wire>>();
        const kept = new Map<string, number>();
        let now = 0;
        const key = (roomId: string, user: string) => `${roomId} ${user}`;
        const inRoom = (roomId: string) =>
          new Set(
            [...present]
              .flatMap(([k, set]) => (set.size > 0 && k.startsWith(`${roomId} `) ? [k] : []))
              .concat([...kept.keys()].filter((k) => k.startsWith(`${roomId} `))),
          );
        const away = (roomId: string, who: Wire, until: number) => {
          const set = present.get(key(roomId, who.user));
          if (!set?.delete(who)) return;
          if (until > now) kept.set(key(roomId, who.user), until);
        };
        for (const { do: what, room: roomId, connection: who, wait } of steps) {
          now += wait;
          members.expire(now);
          for (const [k, until] of kept) if (until <= now) kept.delete(k);
          const k = key(roomId, who.user);
          if (what === 'join') {
            const result = members.join(roomId, who, userOf(who), now);
            const there = present.get(k)?.has(who) ?? false;
            if (there) expect(result).toBe('already');
            else {
              expect(result).toMatchObject({ first: !inRoom(roomId).has(k) });
              present.set(k, (present.get(k) ?? new Set()).add(who));
              kept.delete(k);
            }
          } else if (what === 'leave') {
            members.leave(roomId, who, now);
            away(roomId, who, 0);
          } else if (what === 'kick') {
            members.removeUser(roomId, who.user);
            present.delete(k);
            kept.delete(k);
          } else {
            members.end(who, now, what === 'lose' ? 30 : 0);
            for (const id of ['r', 's']) away(id, who, what === 'lose' ? now + 30 : 0);
          }
          for (const id of ['r', 's']) expect(members.count(id)).toBe(inRoom(id).size);
          expect(members.seatCount).toBe(members.count('r') + members.count('s'));
        }
        for (const who of people) members.end(who, now, 0);
        members.expire(now + 1_000);
        expect(members.size).toEqual(NOTHING);
      }),
    );
  });
});
