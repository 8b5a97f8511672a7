import { catalogueOf } from './catalogue.js';
import { compareContracts, mayBreak } from './compare-contracts.js';
import { type Contract, contractOf } from './contract.js';

const contract = contractOf(catalogueOf());
type Mutable<T> = { -readonly [K in keyof T]: T[K] extends object ? Mutable<T[K]> : T[K] };

/** What the check says of a contract after a change, and of the way back. */
function told(change: (changed: Mutable<Contract>) => void): { forth: string[]; back: string[] } {
  const changed = structuredClone(contract) as Mutable<Contract>;
  change(changed);
  const sentences = (before: Contract, after: Contract) =>
    compareContracts(before, after).map(({ name, what }) => `${name}: ${what}`);
  return { forth: sentences(contract, changed), back: sentences(changed, contract) };
}

const RULES: [string, (changed: Mutable<Contract>) => void, forth: string[], back: string[]][] = [
  ['a command is removed', ({ commands }) => delete commands['ping'], ['command ping: removed'], []],
  ['a push is removed', ({ pushes }) => delete pushes['draining'], ['push draining: removed'], []],
  ['an event is removed', ({ events }) => delete events['node_left'], ['event node_left: removed'], []],
  [
    'a command of services is removed',
    ({ serviceCommands }) => delete serviceCommands['stats'],
    ['service command stats: removed'],
    [],
  ],
  ['an error is removed', ({ errors }) => delete errors['RoomFull'], ['error RoomFull: removed'], []],
  ['a close is removed', ({ closes }) => delete closes['Revoked'], ['close Revoked: removed'], []],
  [
    'an error has another code',
    ({ errors }) => (errors['RoomFull'] = { code: 3999, retryable: true }),
    ['error RoomFull: code changed: 3002 → 3999'],
    ['error RoomFull: code changed: 3999 → 3002'],
  ],
  [
    'an error is no longer worth a retry',
    ({ errors }) => (errors['RoomFull'] = { code: 3002, retryable: false }),
    ['error RoomFull: retryable changed: true → false'],
    ['error RoomFull: retryable changed: false → true'],
  ],
  [
    'a close has another code',
    ({ closes }) => (closes['Revoked'] = 4999),
    ['close Revoked: code changed: 4502 → 4999'],
    ['close Revoked: code changed: 4999 → 4502'],
  ],
  [
    'a command needs a permission',
    ({ commands }) => (commands['ping'] as { permissions: string[] }).permissions.push('ping:pong'),
    ['command ping: needs another permission: ping:pong'],
    [],
  ],
  [
    'a reply has another type',
    ({ commands }) => ((commands['ping'] as { reply: string }).reply = 'pung'),
    ['command ping: reply changed: pong → pung'],
    ['command ping: reply changed: pung → pong'],
  ],
  [
    'an answer becomes a stream',
    ({ commands }) => ((commands['inbox'] as { streams: boolean }).streams = true),
    ['command inbox: streams changed: false → true'],
    ['command inbox: streams changed: true → false'],
  ],
  [
    'a command takes less',
    ({ commands }) => Reflect.deleteProperty(commands['join_room']?.data.properties ?? {}, 'since'),
    ['command join_room: data.since: removed input field'],
    [],
  ],
  [
    'a reply says less',
    ({ commands }) => Reflect.deleteProperty(commands['join_room']?.replyData.properties ?? {}, 'missed'),
    ['command join_room: reply.missed: removed output field'],
    [],
  ],
  [
    'a push says less',
    ({ pushes }) => Reflect.deleteProperty(pushes['presence']?.properties ?? {}, 'left'),
    ['push presence: data.left: removed output field'],
    [],
  ],
  [
    'an event is told of another thing',
    ({ events }) => ((events['room_message'] as { scope: string }).scope = 'user'),
    ['event room_message: scope changed: room → user'],
    ['event room_message: scope changed: user → room'],
  ],
  [
    'an event is no longer stored',
    ({ events }) => ((events['room_message'] as { stored: boolean }).stored = false),
    ['event room_message: is no longer stored'],
    [],
  ],
];

describe('what a change of the contract breaks', () => {
  it('is nothing while nothing changes', () => {
    expect(told(() => undefined)).toEqual({ forth: [], back: [] });
  });

  it.each(RULES)('%s', (_, change, forth, back) => {
    expect(told(change)).toEqual({ forth, back });
  });

  it('is nothing where an error is added, though messages name errors', () => {
    expect(JSON.stringify(contract.events['client_error'])).toContain('#/errors');
    expect(JSON.stringify(contract)).not.toContain('["AlreadyInRoom"');
  });

  it('may be done by a version whose major number is higher, before 1.0 the minor one', () => {
    const pairs = [
      '0.1.0 0.1.9',
      '0.1.0 0.2.0',
      '0.9.0 1.0.0',
      '1.2.0 1.3.0',
      '1.2.0 2.0.0',
      '2.0.0 1.9.0',
      '1.0.0 0.5.0',
    ];
    expect(pairs.filter((pair) => mayBreak(...(pair.split(' ') as [string, string])))).toEqual([
      '0.1.0 0.2.0',
      '0.9.0 1.0.0',
      '1.2.0 2.0.0',
    ]);
  });
});
