import type { RoomRole } from '@hubbub/protocol';
import type { Identity } from '@hubbub/transport';
import { enforce } from './condition.js';
import { type Actor, ADMISSION } from './policy.js';
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

/** @throws HubbubError Forbidden unless the caller may join the room, and so read it and post to it */
export function requireAdmission(caller: Caller, room: RoomInfo, role: RoomRole): void {
  enforce(ADMISSION, { actor: actorOf(caller, room.id, role), visibility: room.visibility });
}
