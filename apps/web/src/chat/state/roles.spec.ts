import type { RoomRole } from '@hubbub/protocol';
import { actsAsOwner, mayActOn, mayGive } from './roles.js';

const as = (role: RoomRole, admin = false) => ({ role, admin });
const ROLES: RoomRole[] = ['owner', 'moderator', 'member', 'invited', 'banned', 'none'];

describe('what is offered in a room', () => {
  it.each([
    ['owner', false, ['moderator', 'member', 'invited', 'banned', 'none']],
    ['moderator', false, ['member', 'invited', 'banned', 'none']],
    ['member', false, []],
    ['none', false, []],
    ['none', true, ['moderator', 'member', 'invited', 'banned', 'none']],
  ] as const)('a %s (admin:room %s) acts on %j', (role, admin, expected) => {
    expect(ROLES.filter((target) => mayActOn(as(role, admin), target))).toEqual(expected);
  });

  it('only who acts as the owner names moderators, and nobody names an owner', () => {
    expect(mayGive(as('owner'), 'none', 'moderator')).toBe(true);
    expect(mayGive(as('none', true), 'none', 'moderator')).toBe(true);
    expect(mayGive(as('moderator'), 'none', 'moderator')).toBe(false);
    expect(mayGive(as('moderator'), 'none', 'banned')).toBe(true);
    expect(mayGive(as('owner'), 'none', 'owner')).toBe(false);
  });

  it('settings are for the owner and admin:room', () => {
    expect(ROLES.filter((role) => actsAsOwner(as(role)))).toEqual(['owner']);
    expect(actsAsOwner(as('banned', true))).toBe(true);
  });
});
