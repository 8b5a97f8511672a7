import type { RoomRole, Visibility as VisibilitySchema } from '@hubbub/protocol';
import type { Static } from 'typebox';

/**
 * Who may do what in a room (PROTOCOL §6), as plain functions. `RoomRole` is what is stored about a user in a room, with
 * `none` where nothing is.
 */

export type Visibility = Static<typeof VisibilitySchema>;

/** The caller of a command as the rules of one room see him. */
export interface Actor {
  readonly role: RoomRole;
  /** Holds `admin:room` for this room, which acts as its owner. */
  readonly admin: boolean;
}

const RANK: Readonly<Record<RoomRole, number>> = { owner: 3, moderator: 2, member: 1, invited: 0, banned: 0, none: 0 };

function rankOf(actor: Actor): number {
  return actor.admin ? RANK.owner : RANK[actor.role];
}

/** Whether the actor may change, or delete, the room itself. */
export function actsAsOwner(actor: Actor): boolean {
  return rankOf(actor) === RANK.owner;
}

/** Whether the actor may join the room, read it, and post to it from outside. */
export function isAdmitted(actor: Actor, visibility: Visibility): boolean {
  if (actor.admin) return true;
  if (actor.role === 'banned') return false;
  return visibility === 'public' || actor.role !== 'none';
}

/** Whether the actor may kick, ban, or redact the messages of, somebody with the role `target`. */
export function mayActOn(actor: Actor, target: RoomRole): boolean {
  // The owner is out of everybody's reach, that of `admin:room` too: a room never loses the one it belongs to.
  if (target === 'owner') return false;
  const rank = rankOf(actor);
  return rank >= RANK.moderator && RANK[target] < rank;
}

/** Whether the actor may turn the role `target` of somebody into `role`. */
export function mayGive(actor: Actor, target: RoomRole, role: RoomRole): boolean {
  return mayActOn(actor, target) && RANK[role] < rankOf(actor) && role !== 'owner';
}

/** Whether the actor may redact a message. */
export function mayRedact(actor: Actor, author: { isActor: boolean; role: RoomRole }): boolean {
  return author.isActor || actsAsOwner(actor) || mayActOn(actor, author.role);
}
