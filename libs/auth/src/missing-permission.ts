import type { Permission, PermissionSet } from '@hubbub/protocol';

/** Port: what rooms need beside the permission of a command. Implemented by rooms. */
export abstract class RoomDemands {
  /** The permission needed in `roomId` beside `permission`; null: nothing more. */
  abstract beside(permission: Permission, roomId: string): Permission | null;
}

/**
 * The first of the `needed` permissions, or of those that the room asks for beside them, that a caller does not have; null if
 * he has all.
 * @param named the room that the command or request names; without one, grants narrowed to rooms do not count
 */
export function missingPermission(
  needed: readonly Permission[],
  granted: PermissionSet,
  named: string | undefined,
  demands: RoomDemands | undefined,
): Permission | null {
  for (const permission of needed) {
    // A grant of everything cannot be narrowed: there is no room in which it would mean less.
    const roomId = permission === 'admin:system' ? undefined : named;
    if (!granted.has(permission, roomId)) return permission;
    const beside = roomId === undefined ? null : (demands?.beside(permission, roomId) ?? null);
    if (beside !== null && !granted.has(beside, roomId)) return beside;
  }
  return null;
}
