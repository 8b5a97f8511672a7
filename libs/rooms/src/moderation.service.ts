import { ANONYMOUS_PREFIX } from '@hubbub/auth';
import { HubbubConfig } from '@hubbub/config';
import { MessageLog, UserDirectory } from '@hubbub/messages';
import { type GivenRole, HubbubError, type RoomRole } from '@hubbub/protocol';
import { Database } from '@hubbub/storage';
import { Inject, Injectable, Optional } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { actorOf, type Caller, roleMissing } from './actor.js';
import { RoomMembership } from './membership.service.js';
import { type Actor, mayActOn, mayGive, mayRedact } from './policy.js';
import { type MemberAct, RoomChanges } from './room-changes.js';
import type { RoomInfo } from './room-info.js';
import { roomStore } from './room-store.js';

/** A room with the roles that decide, read at one moment. */
interface Case {
  readonly room: RoomInfo;
  readonly actor: Actor;
  /** Role of whom it concerns. */
  readonly target: RoomRole;
}

/** Roles, kicks, bans and redaction. Decided by what the database says, not by what memory remembers of it. */
@Injectable()
export class RoomModeration {
  constructor(
    private readonly database: Database,
    private readonly log: MessageLog,
    private readonly membership: RoomMembership,
    private readonly changes: RoomChanges,
    private readonly config: HubbubConfig,
    @Optional() @Inject(UserDirectory) private readonly users: UserDirectory | undefined,
  ) {}

  /**
   * Gives a user a role, or takes it (`none`). A ban ends his memberships in the room.
   * @throws HubbubError RoomNotFound, Forbidden, ClientNotFound (with `auth.local_only`), ServerError
   */
  async setMember(roomId: string, act: MemberAct & { readonly role: GivenRole }, caller: Caller): Promise<void> {
    const known = act.role === 'none' || (await this.isKnown(act.userId));
    const room = await this.database.transaction(async (manager) => {
      const { room: found, actor, target } = await this.caseOf(manager, roomId, act.userId, caller);
      if (!mayGive(actor, target, act.role)) throw roleMissing();
      if (!known) throw new HubbubError('ClientNotFound');
      await roomStore.setRole(manager, roomId, act.userId, act.role);
      return found;
    });
    await this.changes.announce({ kind: 'member_set', room, act });
  }

  /**
   * Ends all memberships of a user in a room; he may come back.
   * @throws HubbubError RoomNotFound, Forbidden, NotInRoom, ServerError
   */
  async kick(roomId: string, act: MemberAct, caller: Caller): Promise<void> {
    const { room, actor, target } = await this.read(roomId, act.userId, caller);
    if (!mayActOn(actor, target)) throw roleMissing();
    if (this.membership.seat(roomId, act.userId) === undefined) throw new HubbubError('NotInRoom');
    await this.changes.announce({ kind: 'kicked', room, act });
  }

  /**
   * Erases the content of a message; its number stays.
   * @throws HubbubError RoomNotFound, Forbidden, MessageNotFound, ServerError
   */
  async redact(roomId: string, seq: number, caller: Caller): Promise<void> {
    const message = await this.log.find(roomId, seq);
    const authorId = message?.senderId ?? '';
    const { room, actor, target } = await this.read(roomId, authorId, caller);
    const isActor = message !== null && caller?.userId === authorId;
    // Who may not redact is not told either whether there is such a message.
    if (!mayRedact(actor, { isActor, role: target })) throw roleMissing();
    if (message === null || message.epoch !== room.epoch) throw new HubbubError('MessageNotFound');
    if (message.redacted) return;
    await this.log.redact(roomId, seq);
    await this.changes.announce({ kind: 'redacted', room, seq });
  }

  /** Anonymous users have no account, and can be banned all the same. */
  private async isKnown(userId: string): Promise<boolean> {
    if (!this.config.auth.localOnly || this.users === undefined || userId.startsWith(ANONYMOUS_PREFIX)) return true;
    return this.users.exists(userId);
  }

  private read(roomId: string, userId: string, caller: Caller): Promise<Case> {
    return this.database.read((manager) => this.caseOf(manager, roomId, userId, caller));
  }

  private async caseOf(manager: EntityManager, roomId: string, userId: string, caller: Caller): Promise<Case> {
    const room = await roomStore.find(manager, roomId);
    const target = await roomStore.role(manager, roomId, userId);
    if (room === null || target === null) throw new HubbubError('RoomNotFound');
    const role = caller === null ? 'none' : ((await roomStore.role(manager, roomId, caller.userId)) ?? 'none');
    return { room, actor: actorOf(caller, roomId, role), target };
  }
}
