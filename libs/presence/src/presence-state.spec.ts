import type { Member } from '@hubbub/protocol';
import fc from 'fast-check';
import { PresenceState } from './presence-state.js';
import type { PresenceDiff } from './presence-window.js';

const NO_LIMIT = 500;
const alice = { userId: 'alice', username: 'Alice' };
const bob = { userId: 'bob', username: 'Bob' };

function ids(members: readonly { user_id: string }[]): string[] {
  return members.map((member) => member.user_id);
}

/** Diffs as short text: `lobby +alice -bob ~carol =2`. */
function told(state: PresenceState, listMax = NO_LIMIT): string[] {
  return state.drain(listMax).map((diff) => {
    const parts = [
      ...ids(diff.joined).map((id) => `+${id}`),
      ...ids(diff.left).map((id) => `-${id}`),
      ...ids(diff.updated).map((id) => `~${id}`),
    ];
    return [diff.roomId, ...parts, `=${diff.memberCount}`].join(' ');
  });
}

/** What a client makes of what it is told. */
class Reader {
  readonly members = new Map<string, unknown>();
  count: number;
  /** Who came though he was there, or went though he was not. */
  readonly oddities: string[] = [];

  constructor(members: readonly Member[]) {
    for (const { user_id, state } of members) this.members.set(user_id, state);
    this.count = members.length;
  }

  hear({ joined, left, updated, memberCount }: PresenceDiff): void {
    for (const { user_id } of left) if (!this.members.delete(user_id)) this.oddities.push(`-${user_id}`);
    for (const { user_id } of joined) if (this.members.has(user_id)) this.oddities.push(`+${user_id}`);
    for (const { user_id, state } of [...joined, ...updated]) this.members.set(user_id, state);
    this.count = memberCount;
  }
}

describe('a window', () => {
  it('gathers all joins and leaves of a room in one diff, and empties itself', () => {
    const state = new PresenceState('n1');
    state.join('lobby', alice, 1000);
    expect(told(state)).toEqual(['lobby +alice =1']);
    state.join('lobby', bob, 1001);
    state.join('den', bob, 1002);
    state.leave('lobby', 'alice');
    expect(told(state)).toEqual(['lobby +bob -alice =1', 'den +bob =1']);
    expect(told(state)).toEqual([]);
  });

  it('says nothing of one who came and went', () => {
    const state = new PresenceState('n1');
    state.join('lobby', alice, 1000);
    state.leave('lobby', 'alice');
    expect(told(state)).toEqual([]);
    expect(state.size).toEqual({ rooms: 0, changed: 0, userStates: 0 });
  });

  // A reader's list was wrong for ever: what was undone for the others within the window was not told to him either.
  it('tells of what was undone, when somebody was shown the members between', () => {
    const state = new PresenceState('n1');
    state.join('lobby', alice, 1000);
    state.page('lobby', undefined, 10);
    state.leave('lobby', 'alice');
    expect(told(state)).toEqual(['lobby +alice =1', 'lobby -alice =0']);

    state.join('lobby', alice, 1000);
    told(state);
    state.leave('lobby', 'alice');
    state.page('lobby', undefined, 10);
    state.join('lobby', alice, 1001);
    expect(told(state)).toEqual(['lobby -alice =0', 'lobby +alice =1']);
  });

  it('says nothing of one who came and went and was shown to nobody but himself', () => {
    const state = new PresenceState('n1');
    state.join('lobby', alice, 1000);
    state.page('lobby', undefined, 10, 'alice');
    state.leave('lobby', 'alice');
    expect(told(state)).toEqual([]);

    state.join('lobby', alice, 1000);
    state.page('lobby', undefined, 10, 'bob');
    state.page('lobby', undefined, 10, 'alice');
    state.leave('lobby', 'alice');
    expect(told(state)).toEqual(['lobby +alice =1', 'lobby -alice =0']);
  });

  it('leaves whoever was shown the members at any time with those who are there, and how many', () => {
    const user = fc.constantFrom('ann', 'bob', 'cid');
    const kind = fc.constantFrom('join', 'leave', 'state', 'show', 'drain');
    fc.assert(
      fc.property(fc.array(fc.record({ user, kind, n: fc.nat(2) }), { maxLength: 40 }), fc.nat(3), (steps, listMax) => {
        const state = new PresenceState('n1');
        const first = new Reader([]);
        const readers = [first];
        const drain = () => {
          for (const diff of state.drain(listMax)) for (const reader of readers) reader.hear(diff);
        };
        for (const { user: userId, kind: what, n } of steps) {
          if (what === 'join') state.join('lobby', { userId, username: userId }, n);
          else if (what === 'leave') state.leave('lobby', userId);
          else if (what === 'state') state.setRoomState('lobby', userId, `{"n":${n}}`, 1);
          else if (what === 'drain') drain();
          else readers.push(new Reader(state.page('lobby', undefined, 9).members));
        }
        drain();
        const truth = new Reader(state.page('lobby', undefined, 9).members);
        for (const reader of readers) {
          expect(reader.count).toBe(truth.count);
          // Lists are told all the time.
          if (listMax === 3) expect(reader.members).toEqual(truth.members);
        }
        if (listMax === 3) expect(first.oddities).toEqual([]);
      }),
    );
  });

  it('says nothing of one who went and came back, and names the state he lost as an update', () => {
    const state = new PresenceState('n1');
    state.join('lobby', alice, 1000);
    told(state);
    state.leave('lobby', 'alice');
    state.join('lobby', alice, 1050);
    expect(told(state)).toEqual([]);

    state.setRoomState('lobby', 'alice', '{"mood":"away"}', 1060);
    told(state);
    state.leave('lobby', 'alice');
    state.join('lobby', alice, 1070);
    const [diff] = state.drain(NO_LIMIT);
    expect(diff?.updated).toEqual([{ user_id: 'alice', username: 'Alice', connections: 1, joined_at: 1070 }]);
    expect([diff?.joined, diff?.left]).toEqual([[], []]);
  });

  it('carries the state with the join when both happened in it', () => {
    const state = new PresenceState('n1');
    state.join('lobby', alice, 1000);
    state.setRoomState('lobby', 'alice', '{"mood":"busy"}', 1001);
    expect(state.drain(NO_LIMIT)).toEqual([
      {
        roomId: 'lobby',
        joined: [{ user_id: 'alice', username: 'Alice', connections: 1, state: { mood: 'busy' }, joined_at: 1000 }],
        left: [],
        updated: [],
        memberCount: 1,
      },
    ]);
  });

  it('says nothing of a state set back to what it was, nor of more connections', () => {
    const state = new PresenceState('n1');
    state.join('lobby', alice, 1000);
    state.setRoomState('lobby', 'alice', '{"a":1}', 1000);
    told(state);
    state.setRoomState('lobby', 'alice', '{"a":2}', 1001);
    state.setRoomState('lobby', 'alice', '{"a":1}', 1002);
    state.setConnections('lobby', 'alice', 3);
    expect(told(state)).toEqual([]);
    expect(state.page('lobby', undefined, 10).members[0]?.connections).toBe(3);
  });

  it('names one who left without state and with no connections', () => {
    const state = new PresenceState('n1');
    state.join('lobby', alice, 1000);
    state.setRoomState('lobby', 'alice', '{"a":1}', 1000);
    told(state);
    state.leave('lobby', 'alice');
    expect(state.drain(NO_LIMIT)[0]?.left).toEqual([
      { user_id: 'alice', username: 'Alice', connections: 0, joined_at: 1000 },
    ]);
  });

  it('says nothing of the members of a room that was closed', () => {
    const state = new PresenceState('n1');
    state.join('lobby', alice, 1000);
    state.close('lobby');
    expect(told(state)).toEqual([]);
    expect(state.count('lobby')).toBe(0);
  });
});

describe('a large room', () => {
  it('is told by its count alone, and only when that has changed', () => {
    const state = new PresenceState('n1');
    for (let n = 0; n < 3; n++) state.join('lobby', { userId: `u${n}`, username: 'u' }, n);
    expect(told(state, 2)).toEqual(['lobby =3']);
    state.setRoomState('lobby', 'u0', '{}', 5);
    expect(told(state, 2)).toEqual([]);
    state.leave('lobby', 'u0');
    state.join('lobby', alice, 6);
    expect(told(state, 2)).toEqual([]);
    state.leave('lobby', 'u1');
    expect(told(state, 2)).toEqual(['lobby -u1 =2']);
  });
});

describe('a state', () => {
  it('set without a room holds in all rooms, those joined later included, until the user is forgotten', () => {
    const state = new PresenceState('n1');
    state.join('lobby', alice, 1000);
    state.setUserState('alice', ['lobby'], '{"mood":"away"}', 1001);
    state.join('den', alice, 1002);
    for (const room of ['lobby', 'den']) {
      expect(state.page(room, undefined, 1).members[0]?.state).toEqual({ mood: 'away' });
    }
    state.forget('alice');
    state.join('attic', alice, 1003);
    expect(state.page('attic', undefined, 1).members[0]).not.toHaveProperty('state');
  });

  it('of one room ends with the membership', () => {
    const state = new PresenceState('n1');
    state.join('lobby', alice, 1000);
    state.setRoomState('lobby', 'alice', '{"a":1}', 1001);
    state.leave('lobby', 'alice');
    state.join('lobby', alice, 1002);
    expect(state.page('lobby', undefined, 1).members[0]).not.toHaveProperty('state');
  });

  it('is the last one written, also when the clock was set back', () => {
    const state = new PresenceState('n1');
    state.join('lobby', alice, 1000);
    state.setRoomState('lobby', 'alice', '{"a":1}', 2000);
    state.setRoomState('lobby', 'alice', '{"a":2}', 1000);
    const other = new PresenceState('n2');
    hear(other, state, 'n1');
    expect(other.page('lobby', undefined, 1).members[0]?.state).toEqual({ a: 2 });
  });
});

describe('paging', () => {
  it('names everybody once, and those who stayed once, whoever comes and goes meanwhile', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 30 }),
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 10 }),
        fc.integer({ min: 1, max: 7 }),
        (stay, churn, limit) => {
          const state = new PresenceState('n1');
          const comers = churn.filter((id) => !stay.includes(id));
          for (const userId of stay) state.join('lobby', { userId, username: userId }, 1);
          const seen: string[] = [];
          let cursor: string | undefined;
          for (let turn = 0; ; turn++) {
            const { members, more } = state.page('lobby', cursor, limit);
            seen.push(...ids(members));
            if (!more) break;
            cursor = seen.at(-1);
            const comer = comers[turn];
            if (comer !== undefined) state.join('lobby', { userId: comer, username: comer }, 2);
            const goer = comers[turn - 1];
            if (goer !== undefined) state.leave('lobby', goer);
          }
          expect(new Set(seen).size).toBe(seen.length);
          expect(seen.filter((id) => stay.includes(id)).sort()).toEqual([...stay].sort());
        },
      ),
    );
  });

  it('is empty in a room that nobody is in', () => {
    expect(new PresenceState('n1').page('lobby', undefined, 10)).toEqual({ members: [], more: false });
  });
});

/** Tells `here` all that is to be known of the other node. */
function hear(here: PresenceState, there: PresenceState, nodeId: string, isNew = false): void {
  const { members } = there.page('lobby', undefined, 99);
  const seats = members.map(({ user_id, username, joined_at }) => ({
    userId: user_id,
    nodeId,
    username,
    joinedAt: joined_at,
  }));
  here.settle('lobby', seats, isNew);
  here.learn('lobby', nodeId, there.news('lobby'), isNew);
}

describe('several nodes', () => {
  let here: PresenceState;
  let there: PresenceState;
  beforeEach(() => {
    here = new PresenceState('n1');
    there = new PresenceState('n2');
  });

  it('fold into one member with the connections of all and the earliest join', () => {
    here.join('lobby', alice, 2000);
    told(here);
    there.join('lobby', alice, 1000);
    there.setConnections('lobby', 'alice', 2);
    hear(here, there, 'n2');
    expect(told(here)).toEqual([]);
    expect(here.page('lobby', undefined, 1).members).toEqual([
      { user_id: 'alice', username: 'Alice', connections: 3, joined_at: 1000 },
    ]);
    expect(here.has('lobby', 'alice')).toBe(true);
  });

  it('tell who comes and goes there, once for all the places that he has', () => {
    here.join('lobby', alice, 1);
    told(here);
    const seat = { userId: 'bob', username: 'Bob', joinedAt: 2 };
    here.enter('lobby', 'n2', seat);
    here.enter('lobby', 'n2', seat);
    expect(told(here)).toEqual(['lobby +bob =2']);
    here.enter('lobby', 'n3', seat);
    here.exit('lobby', 'n2', 'bob');
    expect(told(here)).toEqual([]);
    here.exit('lobby', 'n3', 'bob');
    expect(told(here)).toEqual(['lobby -bob =1']);
    here.exit('lobby', 'n3', 'bob');
    expect(told(here)).toEqual([]);
  });

  it('that one begins to follow bring nobody and change nothing: whoever is here was told of them', () => {
    there.join('lobby', bob, 1);
    there.setRoomState('lobby', 'bob', '{"a":1}', 2);
    there.join('lobby', alice, 1);
    here.join('lobby', alice, 1);
    hear(here, there, 'n2', true);
    expect(told(here)).toEqual([]);
    expect(here.page('lobby', undefined, 9).members).toMatchObject([
      { user_id: 'alice', connections: 2 },
      { user_id: 'bob', state: { a: 1 } },
    ]);
    there.leave('lobby', 'bob');
    hear(here, there, 'n2');
    expect(told(here)).toEqual(['lobby -bob =1']);
  });

  it('lose a user who was kicked with all his seats there; his own here ends by itself', () => {
    here.join('lobby', bob, 1);
    for (const node of ['n2', 'n3']) here.enter('lobby', node, { userId: 'bob', username: 'Bob', joinedAt: 1 });
    told(here);
    here.revoke('lobby', 'bob');
    expect(told(here)).toEqual([]);
    here.leave('lobby', 'bob');
    expect(told(here)).toEqual(['lobby -bob =0']);
  });

  it('keep what waits until a room is known', () => {
    here.join('lobby', alice, 1);
    expect(here.drain(NO_LIMIT, () => false)).toEqual([]);
    expect(here.hasChanges).toBe(true);
    expect(told(here)).toEqual(['lobby +alice =1']);
  });

  it('say nothing of those who have one connection and no state, unless asked for them', () => {
    here.join('lobby', alice, 1);
    here.join('lobby', bob, 1);
    here.setConnections('lobby', 'bob', 2);
    expect(here.news('lobby').map(({ userId }) => userId)).toEqual(['bob']);
    expect(here.news('lobby', ['alice', 'nobody'])).toMatchObject([{ userId: 'alice', here: { connections: 1 } }]);
  });

  it('keep the last word on connections, in whatever order it is heard', () => {
    there.join('lobby', bob, 1);
    hear(here, there, 'n2');
    there.setConnections('lobby', 'bob', 2);
    const [early] = there.news('lobby', ['bob']);
    there.setConnections('lobby', 'bob', 3);
    const [late] = there.news('lobby', ['bob']);
    for (const news of [late, early]) here.learn('lobby', 'n2', news ? [news] : []);
    expect(here.page('lobby', undefined, 1).members[0]?.connections).toBe(3);
  });

  it('learn a state that was set for all rooms, and keep a later one of a room', () => {
    here.join('lobby', alice, 1);
    here.join('den', alice, 1);
    here.setRoomState('den', 'alice', '{"n":2}', 3000);
    const state = { json: '{"n":1}', at: 2000, by: 'n2' };
    expect(here.learnUserState('alice', state, ['lobby', 'den'])).toBe(true);
    expect(here.learnUserState('alice', state, ['lobby', 'den'])).toBe(false);
    expect(['lobby', 'den'].map((room) => here.page(room, undefined, 1).members[0]?.state)).toEqual([
      { n: 1 },
      { n: 2 },
    ]);
    here.join('attic', alice, 2);
    expect(here.page('attic', undefined, 1).members[0]?.state).toEqual({ n: 1 });
  });

  it('come to the same members and states, in whatever order and how often news arrive', () => {
    const action = fc.record({
      node: fc.nat(2),
      user: fc.constantFrom('alice', 'bob', 'carol'),
      kind: fc.constantFrom('join', 'leave', 'state'),
      at: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(action), fc.array(fc.nat(2), { minLength: 1 }), (actions, order) => {
        const ids = ['n0', 'n1', 'n2'];
        const nodes = ids.map((id) => new PresenceState(id));
        const present = ids.map(() => new Set<string>());
        actions.forEach(({ node, user, kind, at }, n) => {
          const state = nodes[node] as PresenceState;
          if (kind === 'join') state.join('lobby', { userId: user, username: user }, at);
          else if (kind === 'leave') state.leave('lobby', user);
          else state.setRoomState('lobby', user, `{"n":${n}}`, at);
          if (kind === 'join') present[node]?.add(user);
          if (kind === 'leave') present[node]?.delete(user);
        });
        const seats = present.flatMap((users, node) =>
          [...users].map((userId) => ({ userId, username: userId, nodeId: `n${node}`, joinedAt: 1 })),
        );
        const [one, other] = [new PresenceState('x'), new PresenceState('x')];
        for (const state of [one, other]) state.settle('lobby', seats, false);
        const say = (to: PresenceState, n: number) =>
          to.learn('lobby', `n${n}`, (nodes[n] as PresenceState).news('lobby'));
        for (const n of [0, 1, 2]) say(one, n);
        for (const n of [...order, 2, 1, 0]) say(other, n);
        expect(other.page('lobby', undefined, 9)).toEqual(one.page('lobby', undefined, 9));
        one.settle('lobby', [], false);
        expect(one.size.rooms).toBe(0);
      }),
    );
  });
});
