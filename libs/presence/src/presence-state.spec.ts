import fc from 'fast-check';
import { PresenceState } from './presence-state.js';

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
    other.merge(state.share('lobby'));
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

describe('several nodes', () => {
  it('fold into one member with the connections of all and the earliest join', () => {
    const here = new PresenceState('n1');
    const there = new PresenceState('n2');
    here.join('lobby', alice, 2000);
    told(here);
    there.join('lobby', alice, 1000);
    there.setConnections('lobby', 'alice', 2);
    here.merge(there.share('lobby'));
    expect(told(here)).toEqual([]);
    expect(here.page('lobby', undefined, 1).members).toEqual([
      { user_id: 'alice', username: 'Alice', connections: 3, joined_at: 1000 },
    ]);
  });

  it('announce the leaves of a node that stopped once, and keep who is connected elsewhere', () => {
    const here = new PresenceState('n1');
    const there = new PresenceState('n2');
    here.join('lobby', alice, 1);
    there.join('lobby', alice, 2);
    there.join('lobby', bob, 3);
    here.merge(there.share('lobby'));
    told(here);
    here.drop('n2');
    expect(told(here)).toEqual(['lobby -bob =1']);
    here.drop('n2');
    expect(told(here)).toEqual([]);
  });

  it('say nothing when a node is lost and found within a window', () => {
    const here = new PresenceState('n1');
    const there = new PresenceState('n2');
    there.join('lobby', bob, 1);
    here.merge(there.share('lobby'));
    told(here);
    here.drop('n2');
    here.merge(there.share('lobby'));
    expect(told(here)).toEqual([]);
  });

  it('come to the same members and states, in whatever order and how often shares arrive', () => {
    const action = fc.record({
      node: fc.nat(2),
      user: fc.constantFrom('alice', 'bob', 'carol'),
      kind: fc.constantFrom('join', 'leave', 'state'),
      at: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(action), fc.array(fc.nat(2), { minLength: 1 }), (actions, order) => {
        const nodes = ['n0', 'n1', 'n2'].map((id) => new PresenceState(id));
        actions.forEach(({ node, user, kind, at }, n) => {
          const state = nodes[node] as PresenceState;
          if (kind === 'join') state.join('lobby', { userId: user, username: user }, at);
          else if (kind === 'leave') state.leave('lobby', user);
          else state.setRoomState('lobby', user, `{"n":${n}}`, at);
        });
        const shares = nodes.map((node) => node.share('lobby'));
        const one = new PresenceState('x');
        for (const share of shares) one.merge(share);
        const other = new PresenceState('x');
        for (const n of [...order, 2, 1, 0]) other.merge(shares[n] as (typeof shares)[number]);
        expect(other.page('lobby', undefined, 9)).toEqual(one.page('lobby', undefined, 9));
        for (const id of ['n0', 'n1', 'n2']) one.drop(id);
        expect(one.count('lobby')).toBe(0);
      }),
    );
  });
});
