import { matchesPattern } from '@hubbub/protocol';
import fc from 'fast-check';
import {
  type DeclaredPolicy,
  faultsOfPolicies,
  neededBeside,
  parseRate,
  RoomPolicies,
  type RoomPolicyOptions,
  shapeRoom,
  shareId,
} from './room-policies.js';

const LIMITS = { commandsPerS: 50, commandsBurst: 100 };
const policy = (pattern: string, options: object = {}, by = 'Chat'): DeclaredPolicy => ({ pattern, options, by });
const faults = (...declared: DeclaredPolicy[]) => faultsOfPolicies(declared, LIMITS);

describe('the policies of rooms', () => {
  it('hold for the rooms that their pattern matches; of several the one that says most of the id, whole', () => {
    const policies = new RoomPolicies([policy('*'), policy('chat.vip.lobby'), policy('chat.*'), policy('chat.vip.*')]);
    const held = (roomId: string) => policies.of(roomId)?.pattern;
    expect(['lobby', 'chat.a', 'chat.vip.a', 'chat.vip.lobby', 'chat.vip.lobby'].map(held)).toEqual([
      '*',
      'chat.*',
      'chat.vip.*',
      'chat.vip.lobby',
      'chat.vip.lobby',
    ]);
    expect(new RoomPolicies([policy('chat.*')]).of('lobby')).toBeNull();
  });

  it('may say the same twice, and may not contradict each other where neither is more specific', () => {
    expect(faults(policy('chat.*', { rate: '1/s' }), policy('chat.*', { rate: '1/s' }, 'Other'))).toEqual([]);
    expect(faults(policy('chat.*', { rate: '1/s' }), policy('game.*', { rate: '2/s' }))).toEqual([]);
    expect(faults(policy('chat.*', { rate: '1/s' }), policy('chat.vip.*', { rate: '2/s' }))).toEqual([]);
    expect(faults(policy('chat.*', { rate: '1/s' }), policy('*.chat', { rate: '2/s' }, 'Other'))).toEqual([
      '"chat.*" (Chat) and "*.chat" (Other) are as specific as each other, match the same rooms, and differ',
    ]);
  });

  it('are told all their faults at once', () => {
    const options = { history: 'forever', maxClients: -1, rate: 'often', rates: '1/s', permissions: { join: 'vip' } };
    expect(
      faults(policy('chat *'), policy('chat.*', options), policy('game.*', { permissions: { post: 'a:b' } })),
    ).toEqual([
      '"chat *" (Chat): the pattern is no room id with * for any characters',
      '"chat.*" (Chat): rates is no key of a policy',
      '"chat.*" (Chat): history must be equal to one of the allowed values',
      '"chat.*" (Chat): maxClients must be >= 0',
      expect.stringContaining('"chat.*" (Chat): permissions/join must match pattern'),
      '"chat.*" (Chat): the rate "often" is none: 20/10s, 5/s, 100/m',
      '"game.*" (Chat): permissions/post is no key of a policy',
    ]);
  });

  it('may not allow more than the configuration lets through', () => {
    expect(faults(policy('a', { rate: '60/s' }))).toEqual([expect.stringContaining('limits.commands_per_s (50)')]);
    expect(faults(policy('a', { rate: '200/m' }))).toEqual([expect.stringContaining('limits.commands_burst (100)')]);
    expect(faults(policy('a', { rate: '20/10s' }))).toEqual([]);
  });

  it('read a rate as messages in a time', () => {
    expect([parseRate('20/10s'), parseRate('5/s'), parseRate('100/m'), parseRate('1/500ms')]).toEqual([
      { count: 20, perMs: 10_000 },
      { count: 5, perMs: 1000 },
      { count: 100, perMs: 60_000 },
      { count: 1, perMs: 500 },
    ]);
    for (const text of ['', '5', '0/s', '5/0s', '5/d', '-1/s', '1.5/s'])
      expect(() => parseRate(text)).toThrow('is none');
  });

  it('shape what is made: defaults where nothing is asked for, and nothing beyond', () => {
    const options: RoomPolicyOptions = { history: 'none', visibility: 'private', maxClients: 5 };
    expect(shapeRoom({ name: 'x' }, options)).toEqual({ name: 'x', ...options });
    expect(shapeRoom({ maxClients: 2 }, options)).toMatchObject({ maxClients: 2 });
    const paths = (wanted: object) => {
      try {
        shapeRoom(wanted, options);
        return [];
      } catch (error) {
        return (error as { details: { path: string }[] }).details.map(({ path }) => path);
      }
    };
    expect(paths({ history: 'durable', visibility: 'public', maxClients: 6 })).toEqual([
      '/history',
      '/visibility',
      '/max_clients',
    ]);
    expect(paths({ maxClients: 0 })).toEqual(['/max_clients']);
    expect(shapeRoom({ maxClients: 0 }, { maxClients: 0 })).toMatchObject({ maxClients: 0 });
  });

  it('ask for permissions beside those of joining, sending and reading', () => {
    const options = { permissions: { join: 'join:vip', send: 'send:vip', read: 'read:vip' } } as const;
    const asked = ['join:room', 'send:message', 'read:message', 'leave:room'].map((name) =>
      neededBeside(name as `${string}:${string}`, options),
    );
    expect(asked).toEqual(['join:vip', 'send:vip', 'read:vip', null]);
  });
});

describe('two patterns', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 5 });
  const id = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 0, maxLength: 8 });

  it('share an id if there is one that both match', () => {
    fc.assert(
      fc.property(pattern, pattern, id, (a, b, text) => {
        if (matchesPattern(a, text) && matchesPattern(b, text)) expect(shareId(a, b)).toBe(true);
      }),
    );
  });

  it('share none if no short id is matched by both', () => {
    const ids = [''];
    for (let at = 0; at < 1023; at++) ids.push(`${ids[at]}a`, `${ids[at]}b`);
    fc.assert(
      fc.property(pattern, pattern, (a, b) => {
        expect(shareId(a, b)).toBe(ids.some((text) => matchesPattern(a, text) && matchesPattern(b, text)));
      }),
    );
  });
});
