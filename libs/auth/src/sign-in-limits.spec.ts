import { SignInLimits } from './sign-in-limits.js';

const HOME = '203.0.113.1';
const ATTACKER = '198.51.100.1';
const MINUTES = 60_000;

/** How many wrong passwords may be tried from `network` at `now` before it is told to wait. */
function guesses(limits: SignInLimits, network: string, now: number): number {
  let count = 0;
  while (limits.expectFailure('alice', network, now) === 0) count++;
  return count;
}

describe('SignInLimits', () => {
  let limits: SignInLimits;
  beforeEach(() => {
    limits = new SignInLimits(() => 60);
  });

  it('lets 60 attempts a minute through from one address', () => {
    const results = Array.from({ length: 61 }, (_, n) => limits.attempt(HOME, n * 10));
    expect(results.filter((wait) => wait === 0)).toHaveLength(60);
    expect(results.at(-1)).toBe(60_000 - 600);
    expect(limits.attempt(ATTACKER, 600)).toBe(0);
    expect(limits.attempt(HOME, 60_000)).toBe(0);
  });

  it('lets 10 failures of an account through in 15 minutes, from however many addresses', () => {
    let allowed = 0;
    for (let n = 0; n < 100; n++) if (limits.expectFailure('alice', `198.51.100.${n}`, n) === 0) allowed++;
    expect(allowed).toBe(10);
    expect(limits.expectFailure('alice', HOME, 14 * MINUTES)).toBe(1 * MINUTES);
    expect(limits.expectFailure('bob', ATTACKER, 100)).toBe(0);
  });

  it('ends a lock after 15 minutes, also under steady attack', () => {
    expect(guesses(limits, ATTACKER, 0)).toBe(10);
    for (let now = 0; now < 15 * MINUTES; now += 1000) expect(limits.expectFailure('alice', ATTACKER, now)).not.toBe(0);
    expect(limits.expectFailure('alice', HOME, 15 * MINUTES)).toBe(0);
  });

  it('does not lock the owner out at an address that he signed in from', () => {
    limits.expectFailure('alice', HOME, 0);
    limits.succeeded('alice', HOME);
    expect(guesses(limits, ATTACKER, 1)).toBe(10);
    expect(limits.expectFailure('alice', HOME, 2)).toBe(0);
  });

  it('keeps accounts and addresses apart, whatever a name is made of', () => {
    limits.succeeded('alice', HOME);
    for (let n = 0; n < 20; n++) limits.expectFailure(`alice ${HOME}`, ATTACKER, n);
    expect(limits.expectFailure('alice', HOME, 100)).toBe(0);
  });

  it('counts a known address too: who took it over has 10 guesses', () => {
    limits.know('alice', HOME);
    expect(guesses(limits, HOME, 0)).toBe(10);
  });

  it('does not count successes, nor attempts that ended without an answer', () => {
    for (let n = 0; n < 30; n++) {
      expect(limits.expectFailure('alice', ATTACKER, n)).toBe(0);
      limits.failureDidNotHappen('alice', ATTACKER);
    }
    for (let n = 0; n < 30; n++) {
      expect(limits.expectFailure('alice', HOME, n)).toBe(0);
      limits.succeeded('alice', HOME);
    }
    expect(guesses(limits, ATTACKER, 100)).toBe(10);
  });
});
