import type { RoomRole } from '@hubbub/protocol';
import fc from 'fast-check';
import { type Actor, actsAsOwner, isAdmitted, mayActOn, mayGive, mayRedact } from './policy.js';

const ROLES: RoomRole[] = ['owner', 'moderator', 'member', 'invited', 'banned', 'none'];
const role = fc.constantFrom(...ROLES);
const actor = fc.record({ role, admin: fc.boolean() });
const as = (name: RoomRole, admin = false): Actor => ({ role: name, admin });

describe('room policy', () => {
  it('admits everybody but the banned to a public room', () => {
    expect(ROLES.filter((name) => !isAdmitted(as(name), 'public'))).toEqual(['banned']);
  });

  it('admits only owner, moderators, members and invited to a private room', () => {
    expect(ROLES.filter((name) => isAdmitted(as(name), 'private'))).toEqual([
      'owner',
      'moderator',
      'member',
      'invited',
    ]);
  });

  it('lets admin:room act as the owner of any room, whatever role is stored', () => {
    for (const name of ROLES) {
      expect(actsAsOwner(as(name, true))).toBe(true);
      expect(isAdmitted(as(name, true), 'private')).toBe(true);
    }
    expect(ROLES.filter((name) => actsAsOwner(as(name)))).toEqual(['owner']);
  });

  it('never lets anybody change, kick or ban the owner, or make another', () => {
    fc.assert(
      fc.property(actor, role, (who, other) => {
        expect(mayActOn(who, 'owner')).toBe(false);
        expect(mayGive(who, 'owner', other)).toBe(false);
        expect(mayGive(who, other, 'owner')).toBe(false);
      }),
    );
  });

  it('lets only the owner and admin:room name or dismiss moderators', () => {
    for (const name of ROLES) {
      expect(mayGive(as(name), 'none', 'moderator')).toBe(name === 'owner');
      expect(mayGive(as(name), 'moderator', 'none')).toBe(name === 'owner');
      expect(mayGive(as(name, true), 'member', 'moderator')).toBe(true);
    }
  });

  it('lets moderators ban, invite, kick and pardon those below them, and nobody below a moderator do so', () => {
    for (const target of ['member', 'invited', 'banned', 'none'] as const) {
      for (const given of ['member', 'invited', 'banned', 'none'] as const) {
        expect(ROLES.filter((name) => mayGive(as(name), target, given))).toEqual(['owner', 'moderator']);
      }
      expect(ROLES.filter((name) => mayActOn(as(name), target))).toEqual(['owner', 'moderator']);
    }
  });

  it('lets an author redact his own message, and moderators those of people below them', () => {
    expect(mayRedact(as('none'), { isActor: true, role: 'none' })).toBe(true);
    expect(mayRedact(as('member'), { isActor: false, role: 'none' })).toBe(false);
    expect(mayRedact(as('moderator'), { isActor: false, role: 'member' })).toBe(true);
    expect(mayRedact(as('moderator'), { isActor: false, role: 'moderator' })).toBe(false);
    expect(mayRedact(as('moderator'), { isActor: false, role: 'owner' })).toBe(false);
    expect(mayRedact(as('none', true), { isActor: false, role: 'owner' })).toBe(true);
  });
});
