import { HubbubError, type RoomRole } from '@hubbub/protocol';
import type { Identity } from '@hubbub/transport';
import { type Actor, isAdmitted } from './policy.js';
import type { RoomInfo } from './room-info.js';

/** The caller of a command; null for the application itself, which may do everything. */
export type Caller = Pick<Identity, 'userId' | 'username' | 'permissions'> | null;

/** The caller as the rules of room `roomId` see him. */
export function actorOf(caller: Caller, roomId: string, role: RoomRole): Actor {
  return { role, admin: caller === null || caller.permissions.has('admin:room', roomId) };
}

/** Who is told to have done something; null for the application itself. */
export function actorId(caller: Caller): string | null {
  return caller === null ? null : caller.userId;
}

/** The answer to whoever lacks the role that something needs: the permission that would do instead. */
export function roleMissing(): HubbubError {
  return new HubbubError('Forbidden', { details: { permission: 'admin:room' } });
}

/** @throws HubbubError Forbidden unless the caller may join the room, and so read it and post to it */
export function requireAdmission(caller: Caller, room: RoomInfo, role: RoomRole): void {
  if (!isAdmitted(actorOf(caller, room.id, role), room.visibility)) throw roleMissing();
}
