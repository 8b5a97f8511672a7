import { actionFor } from './escalation.js';

describe('actionFor', () => {
  it.each([
    ['redacts, then kicks, then bans', { kickAt: 3, banAt: 5 }, 'redacted redacted kicked kicked banned banned'],
    ['bans without kicking', { kickAt: 0, banAt: 2 }, 'redacted banned banned'],
    ['bans where both are due', { kickAt: 1, banAt: 1 }, 'banned'],
    ['only kicks', { kickAt: 2, banAt: 0 }, 'redacted kicked kicked'],
    ['only redacts', { kickAt: 0, banAt: 0 }, 'redacted redacted redacted'],
  ])('%s', (_what, rules, actions) => {
    const expected = actions.split(' ');
    expect(expected.map((_action, at) => actionFor(at + 1, rules))).toEqual(expected);
  });
});
