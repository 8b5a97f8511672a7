import type { RoomRole } from '@hubbub/protocol';

/**
 * Who may do what in a room, as the gateway decides it (PROTOCOL §6): to offer what will be allowed, and nothing else. The gateway
 * decides again.
 */

/** Somebody in a room: his role there, and whether he holds `admin:room`, which acts as its owner. */
export interface Actor {
  readonly role: RoomRole;
  readonly admin: boolean;
}

const RANK: Readonly<Record<RoomRole, number>> = { owner: 3, moderator: 2, member: 1, invited: 0, banned: 0, none: 0 };

function rankOf({ role, admin }: Actor): number {
  return admin ? RANK.owner : RANK[role];
}

export function actsAsOwner(actor: Actor): boolean {
  return rankOf(actor) === RANK.owner;
}

export function actsAsModerator(actor: Actor): boolean {
  return rankOf(actor) >= RANK.moderator;
}

/** Whether he may kick, ban, or redact the messages of, somebody with the role `target`. */
export function mayActOn(actor: Actor, target: RoomRole): boolean {
  return target !== 'owner' && actsAsModerator(actor) && RANK[target] < rankOf(actor);
}

/** Whether he may turn the role `target` of somebody into `role`. */
export function mayGive(actor: Actor, target: RoomRole, role: RoomRole): boolean {
  return role !== 'owner' && mayActOn(actor, target) && RANK[role] < rankOf(actor);
}
