import type { HubbubClient } from '@hubbub/client';
import type { GivenRole, RoomRole } from '@hubbub/protocol';
import type { Api } from '../../shared/api.js';
import type { RoomBook } from './room-book.js';
import { StoredSet } from './stored-set.js';

/** Roles in rooms, and what one does about other people. */
export class Moderation {
  /** Ids of people blocked in this browser: the gateway does not tell whom one has blocked. */
  readonly blocked: StoredSet;

  constructor(
    private readonly client: HubbubClient,
    private readonly api: Api,
    private readonly book: RoomBook,
    private readonly userId: string,
  ) {
    this.blocked = new StoredSet(`blocked:${userId}`);
  }

  /** Gives a role, or takes it (`none`): an invitation is the role `invited`, a ban `banned`. @throws CommandError */
  async setRole(roomId: string, userId: string, role: GivenRole, reason = ''): Promise<void> {
    await this.client.command('set_member', { room_id: roomId, user_id: userId, role, ...(reason && { reason }) });
    this.book.setRole(roomId, userId, role);
  }

  /** Takes a person out of a room; he may come back. @throws CommandError */
  async kick(roomId: string, userId: string, reason = ''): Promise<void> {
    await this.client.command('kick_member', { room_id: roomId, user_id: userId, ...(reason && { reason }) });
  }

  /** @throws CommandError */
  async block(userId: string, blocked: boolean): Promise<void> {
    await this.client.command('block_user', { user_id: userId, blocked });
    if (blocked) this.blocked.add(userId);
    else this.blocked.remove(userId);
  }

  /** Reads who has which role in a room; without an answer, only the owner is known. @throws CommandError */
  async readRoles(roomId: string): Promise<void> {
    const { role: own, roles } = await this.api.get<{ role: RoomRole; roles: { user_id: string; role: RoomRole }[] }>(
      `/rooms/${encodeURIComponent(roomId)}/roles`,
    );
    this.book.setRoles(roomId, new Map(roles.map(({ user_id, role }) => [user_id, role])));
    this.book.setRole(roomId, this.userId, own);
  }

  dispose(): void {
    this.blocked.dispose();
  }
}
