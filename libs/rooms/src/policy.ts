import { HubbubError, type RoomRole, type Visibility as VisibilitySchema } from '@hubbub/protocol';
import type { Static } from 'typebox';
import { type Condition, hold } from './condition.js';

/**
 * Who may do what in a room (PROTOCOL §6), as conditions and plain functions. `RoomRole` is what is stored about a user in a
 * room, with `none` where nothing is.
 */

export type Visibility = Static<typeof VisibilitySchema>;

/** The caller of a command as the rules of one room see him. */
export interface Actor {
  readonly role: RoomRole;
  /** Holds `admin:room` for this room, which acts as its owner. */
  readonly admin: boolean;
}

/** Somebody who would join the room, read it, or post to it from outside. */
export interface Visitor {
  readonly actor: Actor;
  readonly visibility: Visibility;
}

/** Somebody who would kick, ban, or redact the messages of, somebody with the role `target`. */
export interface Encounter {
  readonly actor: Actor;
  readonly target: RoomRole;
}

const RANK: Readonly<Record<RoomRole, number>> = { owner: 3, moderator: 2, member: 1, invited: 0, banned: 0, none: 0 };

function rankOf(actor: Actor): number {
  return actor.admin ? RANK.owner : RANK[actor.role];
}

function rankSaid({ admin, role }: Actor): string {
  if (admin) return 'He acts as the owner, by admin:room';
  return role === 'none' ? 'He has no role in the room' : `His role in the room is ${role}`;
}

/** The answer to whoever lacks the role that something needs: the permission that would do instead. */
export function roleMissing(): HubbubError {
  return new HubbubError('Forbidden', { details: { permission: 'admin:room' } });
}

export const ADMISSION: readonly Condition<Visitor>[] = [
  {
    name: 'ban',
    holds: ({ actor }) => actor.admin || actor.role !== 'banned',
    because({ actor }) {
      if (actor.role !== 'banned') return 'He is not banned.';
      return actor.admin ? 'He is banned, but admin:room admits whatever the role.' : 'He is banned from the room.';
    },
    refusal: roleMissing,
  },
  {
    name: 'private_room',
    holds: ({ actor, visibility }) => actor.admin || visibility === 'public' || actor.role !== 'none',
    because({ actor, visibility }) {
      return visibility === 'public' ? 'The room is public.' : `The room is private. ${rankSaid(actor)}.`;
    },
    refusal: roleMissing,
  },
];

export const OWNERSHIP: readonly Condition<Actor>[] = [
  {
    name: 'owner',
    holds: (actor) => rankOf(actor) === RANK.owner,
    because: (actor) => `That is the owner's to do. ${rankSaid(actor)}.`,
    refusal: roleMissing,
  },
];

export const ACTION_ON_ANOTHER: readonly Condition<Encounter>[] = [
  {
    // The owner is out of everybody's reach, that of `admin:room` too: a room never loses the one it belongs to.
    name: 'owner_untouched',
    holds: ({ target }) => target !== 'owner',
    because: ({ target }) =>
      target === 'owner' ? 'The owner of a room is out of reach.' : 'The other is not the owner of the room.',
    refusal: roleMissing,
  },
  {
    name: 'rank',
    holds: ({ actor, target }) => rankOf(actor) >= RANK.moderator && RANK[target] < rankOf(actor),
    because: ({ actor, target }) => `A moderator acts on roles below his own, here on ${target}. ${rankSaid(actor)}.`,
    refusal: roleMissing,
  },
];

export const GIVING: readonly Condition<Encounter & { readonly role: RoomRole }>[] = [
  ...ACTION_ON_ANOTHER,
  {
    name: 'given_role',
    holds: ({ actor, role }) => RANK[role] < rankOf(actor) && role !== 'owner',
    because: ({ actor, role }) => `One gives roles below one's own, here ${role}. ${rankSaid(actor)}.`,
    refusal: roleMissing,
  },
];

export const REDACTION: readonly Condition<Encounter & { readonly isAuthor: boolean }>[] = [
  {
    name: 'author_or_rank',
    holds: ({ actor, target, isAuthor }) => isAuthor || actsAsOwner(actor) || mayActOn(actor, target),
    because({ actor, target, isAuthor }) {
      if (isAuthor) return 'The message is his own.';
      return `The author's role is ${target}. ${rankSaid(actor)}.`;
    },
    refusal: roleMissing,
  },
];

/** Whether the actor may change, or delete, the room itself. */
export function actsAsOwner(actor: Actor): boolean {
  return hold(OWNERSHIP, actor);
}

/** Whether the actor acts on others at all, on whom depends on their roles. */
export function actsAsModerator(actor: Actor): boolean {
  return rankOf(actor) >= RANK.moderator;
}

/** Whether the actor may join the room, read it, and post to it from outside. */
export function isAdmitted(actor: Actor, visibility: Visibility): boolean {
  return hold(ADMISSION, { actor, visibility });
}

/** Whether the actor may kick, ban, or redact the messages of, somebody with the role `target`. */
export function mayActOn(actor: Actor, target: RoomRole): boolean {
  return hold(ACTION_ON_ANOTHER, { actor, target });
}

/** Whether the actor may turn the role `target` of somebody into `role`. */
export function mayGive(actor: Actor, target: RoomRole, role: RoomRole): boolean {
  return hold(GIVING, { actor, target, role });
}

/** Whether the actor may redact a message. */
export function mayRedact(actor: Actor, author: { isActor: boolean; role: RoomRole }): boolean {
  return hold(REDACTION, { actor, target: author.role, isAuthor: author.isActor });
}
