import { ANONYMOUS_PREFIX } from '@hubbub/auth';
import { HubbubConfig } from '@hubbub/config';
import { MessageLog, UserDirectory } from '@hubbub/messages';
import { type GivenRole, HubbubError, type RoomRole } from '@hubbub/protocol';
import { Database } from '@hubbub/storage';
import { Inject, Injectable, Optional } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { actorId, actorOf, type Caller, requireAdmission } from './actor.js';
import { Attendance } from './attendance.js';
import { enforce } from './condition.js';
import { ACTION_ON_ANOTHER, type Actor, actsAsModerator, GIVING, REDACTION } from './policy.js';
import { type MemberAct, RoomChanges } from './room-changes.js';
import { RoomEvents } from './room-events.js';
import type { RoomInfo } from './room-info.js';
import { type RoomRoles, roomStore } from './room-store.js';

/** A room with the roles that decide, read at one moment. */
export interface Case {
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
    private readonly attendance: Attendance,
    private readonly changes: RoomChanges,
    private readonly config: HubbubConfig,
    private readonly events: RoomEvents,
    @Optional() @Inject(UserDirectory) private readonly users: UserDirectory | undefined,
  ) {}

  /**
   * Gives a user a role, or takes it (`none`). A ban ends his memberships in the room.
   * @throws HubbubError RoomNotFound, Forbidden, ClientNotFound (with `auth.local_only`), ServerError
   */
  async setMember(roomId: string, act: MemberAct & { readonly role: GivenRole }, caller: Caller): Promise<void> {
    const known = act.role === 'none' || (await this.isKnown(act.userId));
    const { room, version } = await this.events.transaction(async (manager, tell) => {
      const found = await this.caseOf(manager, await roomStore.lock(manager, roomId), act.userId, caller);
      enforce(GIVING, { ...found, role: act.role });
      if (!known) throw new HubbubError('ClientNotFound');
      await roomStore.setRole(manager, roomId, act.userId, act.role);
      const raised = await this.attendance.raise(manager, roomId);
      if (act.role === 'banned') await this.attendance.unseat(manager, roomId, act.userId);
      tell('member_set', roomId, () => ({ ...told(found.room, act, caller), role: act.role }));
      return { room: found.room, version: raised };
    });
    await this.changes.announce({ kind: 'member_set', room, version, act });
  }

  /**
   * Ends all memberships of a user in a room; he may come back.
   * @throws HubbubError RoomNotFound, Forbidden, NotInRoom, ServerError
   */
  async kick(roomId: string, act: MemberAct, caller: Caller): Promise<void> {
    const { room, version } = await this.events.transaction(async (manager, tell) => {
      const found = await this.caseOf(manager, await roomStore.lock(manager, roomId), act.userId, caller);
      enforce(ACTION_ON_ANOTHER, found);
      const raised = await this.attendance.raise(manager, roomId);
      if (!(await this.attendance.unseat(manager, roomId, act.userId))) throw new HubbubError('NotInRoom');
      tell('member_kicked', roomId, () => told(found.room, act, caller));
      return { room: found.room, version: raised };
    });
    await this.changes.announce({ kind: 'kicked', room, version, act });
  }

  /**
   * Erases the content of a message; its number stays.
   * @throws HubbubError RoomNotFound, Forbidden, MessageNotFound, ServerError
   */
  async redact(roomId: string, seq: number, caller: Caller): Promise<void> {
    const message = await this.log.find(roomId, seq);
    const authorId = message?.senderId ?? '';
    const { room, actor, target } = await this.read(roomId, authorId, caller);
    const isAuthor = message !== null && caller?.userId === authorId;
    // Who may not redact is not told either whether there is such a message.
    enforce(REDACTION, { actor, target, isAuthor });
    if (message === null || message.epoch !== room.epoch) throw new HubbubError('MessageNotFound');
    if (message.redacted) return;
    const { epoch } = room;
    const id = `${epoch}:${seq}:redacted`;
    const version = await this.events.transaction(async (manager, tell) => {
      await this.log.redact(manager, roomId, seq);
      tell('message_redacted', roomId, () => ({ id, epoch, seq, actor_id: actorId(caller) }));
      return this.attendance.redact(manager, roomId, seq);
    });
    this.log.redacted(roomId, seq);
    await this.changes.announce({ kind: 'redacted', room, version, seq });
  }

  /**
   * The caller's own role, and those that were given to others, in the order of the users' ids: to moderators all of them, to
   * everybody else who the moderators are.
   * @throws HubbubError RoomNotFound, Forbidden if the caller may not join the room, ServerError
   */
  roles(roomId: string, limit: number, caller: NonNullable<Caller>): Promise<{ own: RoomRole; given: RoomRoles }> {
    return this.database.read(async (manager) => {
      const room = await roomStore.find(manager, roomId);
      if (room === null) throw new HubbubError('RoomNotFound');
      const own = (await roomStore.role(manager, roomId, caller.userId)) ?? 'none';
      requireAdmission(caller, room, own);
      const isShown = actsAsModerator(actorOf(caller, roomId, own));
      return { own, given: await roomStore.roles(manager, roomId, limit, isShown ? undefined : 'moderator') };
    });
  }

  /** Whether a role can be given to him. Anonymous users have no account, and can be banned all the same. */
  async isKnown(userId: string): Promise<boolean> {
    if (!this.config.auth.localOnly || this.users === undefined || userId.startsWith(ANONYMOUS_PREFIX)) return true;
    return this.users.exists(userId);
  }

  /** The roles of the caller and of another, as they are stored. @throws HubbubError RoomNotFound, ServerError */
  read(roomId: string, userId: string, caller: Caller): Promise<Case> {
    return this.database.read(async (manager) =>
      this.caseOf(manager, await roomStore.find(manager, roomId), userId, caller),
    );
  }

  private async caseOf(manager: EntityManager, room: RoomInfo | null, userId: string, caller: Caller): Promise<Case> {
    const target = room && (await roomStore.role(manager, room.id, userId));
    if (room === null || target === null) throw new HubbubError('RoomNotFound');
    const role = caller === null ? 'none' : ((await roomStore.role(manager, room.id, caller.userId)) ?? 'none');
    return { room, actor: actorOf(caller, room.id, role), target };
  }
}

function told({ epoch }: RoomInfo, { userId, reason }: MemberAct, caller: Caller) {
  return { epoch, actor_id: actorId(caller), user_id: userId, ...(reason === undefined ? {} : { reason }) };
}
