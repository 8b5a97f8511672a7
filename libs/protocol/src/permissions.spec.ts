import fc from 'fast-check';
import { matchesPattern, PermissionSet } from './index.js';

describe('PermissionSet', () => {
  it('grants what it names and nothing else', () => {
    const set = new PermissionSet(['send:message']);
    expect(set.has('send:message')).toBe(true);
    expect(set.has('send:message', 'lobby')).toBe(true);
    expect(set.has('read:message')).toBe(false);
  });

  it('lets admin:system do everything', () => {
    expect(new PermissionSet(['admin:system']).has('orders:cancel', 'lobby')).toBe(true);
  });

  it('counts a narrowed grant only for commands that name a matching room', () => {
    const set = new PermissionSet(['send:message@support.*', 'send:message@sales']);
    expect(set.has('send:message', 'support.eu')).toBe(true);
    expect(set.has('send:message', 'sales')).toBe(true);
    expect(set.has('send:message', 'sales.eu')).toBe(false);
    expect(set.has('send:message')).toBe(false);
  });

  it('does not let a narrowed admin:system grant all', () => {
    expect(new PermissionSet(['admin:system@*']).has('send:message', 'lobby')).toBe(false);
  });

  it('grants nothing for malformed strings and names of Object.prototype', () => {
    const set = new PermissionSet(['', 'send', 'send:message@', '*:*', '__proto__:x', ' send:message']);
    for (const permission of ['send:message', 'read:message', 'constructor', 'toString'] as const) {
      expect(set.has(permission as 'send:message', 'lobby')).toBe(false);
    }
  });
});

describe('matchesPattern', () => {
  it('takes * for any characters and everything else for itself', () => {
    expect(matchesPattern('*', '')).toBe(true);
    expect(matchesPattern('a*c', 'abbbc')).toBe(true);
    expect(matchesPattern('a.c', 'abc')).toBe(false);
    expect(matchesPattern('a*', 'ba')).toBe(false);
  });

  it('agrees with the regular expression of the same meaning', () => {
    const letters = (chars: string) =>
      fc.array(fc.constantFrom(...chars), { maxLength: 12 }).map((all) => all.join(''));
    fc.assert(
      fc.property(letters('ab.*'), letters('ab.'), (pattern, text) => {
        const regex = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
        expect(matchesPattern(pattern, text)).toBe(regex.test(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('needs no backtracking over many stars', () => {
    // A regular expression of this pattern would run for longer than the universe has.
    expect(matchesPattern(`${'*a'.repeat(100)}b`, 'a'.repeat(2000))).toBe(false);
  });
});
