import fc from 'fast-check';
import { OnlineUsers } from './online-users.js';
import { OwnUsers, USERS_A_PAGE, type UsersDiff } from './own-users.js';

/** What `there` has said so far and `here` has heard is complete. */
function load(here: OnlineUsers, nodeId: string, there: OwnUsers, epoch = 'e'): void {
  for (let page: number | null = 0; page !== null; ) page = here.load(nodeId, epoch, page, there.page(page));
}

describe('who is connected where', () => {
  it('counts a user once, however many nodes and connections he has', () => {
    const here = new OnlineUsers();
    const there = new OwnUsers();
    here.set('alice', 2);
    there.set('alice', 3);
    there.set('bob', 1);
    for (const diff of there.diffs()) here.take('n2', 'e', diff);
    expect([here.count, here.nodesOf('alice'), here.elsewhere('alice')]).toEqual([2, ['n2'], 3]);
    here.set('alice', 0);
    expect([here.count, here.nodesOf('bob')]).toEqual([2, ['n2']]);
    there.set('alice', 0);
    for (const diff of there.diffs()) here.take('n2', 'e', diff);
    expect([here.count, here.nodesOf('alice'), here.elsewhere('alice')]).toEqual([1, [], 0]);
  });

  it('takes changes in their order, also when they come in another, twice or late', () => {
    const here = new OnlineUsers();
    const there = new OwnUsers();
    const said: UsersDiff[] = [1, 2, 0].flatMap((connections) => {
      there.set('bob', connections);
      return there.diffs();
    });
    const [first, second, third] = said as [UsersDiff, UsersDiff, UsersDiff];
    expect(here.take('n2', 'e', third)).toBe(true);
    expect(here.take('n2', 'e', first)).toBe(true);
    expect(here.elsewhere('bob')).toBe(1);
    expect(here.take('n2', 'e', second)).toBe(false);
    expect(here.take('n2', 'e', first)).toBe(false);
    expect(here.elsewhere('bob')).toBe(0);
  });

  it('notices by the latest number that the last change was lost, and gets it from the pages', () => {
    const here = new OnlineUsers();
    const there = new OwnUsers();
    there.set('bob', 1);
    there.diffs();
    expect(here.take('n2', 'e', { number: there.number })).toBe(true);
    load(here, 'n2', there);
    expect([here.hasHole('n2'), here.nodesOf('bob')]).toEqual([false, ['n2']]);
  });

  it('keeps what it knows until all pages are there, and misses nothing that changes between them', () => {
    const here = new OnlineUsers();
    const there = new OwnUsers();
    for (let n = 0; n < USERS_A_PAGE + 10; n++) there.set(`u${n}`, 1);
    there.diffs();
    expect(here.load('n2', 'e', 0, there.page(0))).toBe(1);
    expect(here.count).toBe(0);
    there.set('u0', 0);
    there.set('late', 1);
    for (const diff of there.diffs()) here.take('n2', 'e', diff);
    expect(here.load('n2', 'e', 1, there.page(1))).toBeNull();
    expect([here.count, here.hasHole('n2'), here.nodesOf('u0')]).toEqual([there.size, false, []]);
    expect(here.nodesOf('late')).toEqual(['n2']);
  });

  it('keeps no end of changes behind a hole: the pages have them all', () => {
    const [here, there] = [new OnlineUsers(), new OwnUsers()];
    const said: UsersDiff[] = [];
    for (let n = 0; n < 3000; n++) {
      there.set(`u${n % 50}`, 1 + (n % 3));
      said.push(...there.diffs());
    }
    for (const diff of said.slice(1)) expect(here.take('n2', 'e', diff)).toBe(true);
    load(here, 'n2', there);
    expect([here.hasHole('n2'), here.count]).toEqual([false, 50]);
    for (const [userId, connections] of there.page(0).users) expect(here.elsewhere(userId)).toBe(connections);
  });

  it('forgets a node that has gone, and one that has begun anew', () => {
    const here = new OnlineUsers();
    here.take('n2', 'e', { number: 1, users: [['bob', 1]] });
    here.take('n3', 'e', { number: 1, users: [['bob', 1]] });
    here.drop('n2');
    expect([here.count, here.nodesOf('bob')]).toEqual([1, ['n3']]);
    expect(here.take('n3', 'another', { number: 0 })).toBe(false);
    expect(here.count).toBe(0);
  });

  it('tells of each change of a user who is both here and elsewhere', () => {
    const told: [string, number][] = [];
    const here = new OnlineUsers((userId) => told.push([userId, here.elsewhere(userId)]));
    here.set('alice', 1);
    here.take('n2', 'e', {
      number: 1,
      users: [
        ['alice', 1],
        ['bob', 5],
      ],
    });
    here.take('n2', 'e', { number: 2, users: [['alice', 3]] });
    here.set('alice', 2);
    here.drop('n2');
    here.set('alice', 1);
    expect(told).toEqual([
      ['alice', 1],
      ['alice', 3],
      ['alice', 3],
    ]);
  });

  it('comes to the same whatever is lost, doubled and reordered, once the pages are there', () => {
    const user = fc.constantFrom('a', 'b', 'c', 'd');
    const step = fc.record({ user, connections: fc.integer({ min: 0, max: 3 }), flush: fc.boolean(), fate: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const [here, there] = [new OnlineUsers(), new OwnUsers()];
        const late: UsersDiff[] = [];
        for (const { user: userId, connections, flush, fate } of steps) {
          there.set(userId, connections);
          if (!flush) continue;
          for (const diff of there.diffs()) {
            if (fate === 1) late.push(diff);
            else if (fate > 1) here.take('n2', 'e', diff);
            if (fate === 3) here.take('n2', 'e', diff);
          }
        }
        for (const diff of [...there.diffs(), ...late]) here.take('n2', 'e', diff);
        if (here.take('n2', 'e', { number: there.number })) load(here, 'n2', there);
        expect(here.hasHole('n2')).toBe(false);
        expect(here.count).toBe(there.size);
        for (const [userId, connections] of there.page(0).users) expect(here.elsewhere(userId)).toBe(connections);
      }),
    );
  });
});
