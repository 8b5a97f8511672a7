import { missingPermission, RoomDemands } from '@hubbub/auth';
import { HubbubConfig } from '@hubbub/config';
import { Blocks, UserDirectory } from '@hubbub/messages';
import { HubbubError, type Permission, PermissionSet } from '@hubbub/protocol';
import { type Attempt, needed, passes, type Question, RoomQuestions } from '@hubbub/rooms';
import { CommandTable } from '@hubbub/transport';
import { Injectable } from '@nestjs/common';

/** `verb:noun`, as the permissions of an application's own are. */
const PERMISSION = /^[A-Za-z0-9_-]+:[A-Za-z0-9_-]+$/;

/** What is asked before a command is carried out: by the guard of permissions, then by what the command is about. */
@Injectable()
export class CommandQuestions {
  constructor(
    private readonly table: CommandTable,
    private readonly rooms: RoomQuestions,
    private readonly blocks: Blocks,
    private readonly users: UserDirectory,
    private readonly demands: RoomDemands,
    private readonly config: HubbubConfig,
  ) {}

  /**
   * @param action a type that the gateway handles, or a permission
   * @throws HubbubError InvalidFormat for a field that the action cannot do without
   */
  of(action: string, attempt: Attempt): Question[] {
    const contract = this.table.routes.get(action)?.contract;
    if (contract === undefined) {
      if (PERMISSION.test(action)) return this.ofPermission(action as Permission, attempt, attempt.roomId);
      const refusal = new HubbubError('UnknownType');
      return [{ rule: 'handler', ask: () => ({ because: 'Nothing handles this type.', refusal }) }];
    }
    const { properties = {}, required = [] } = (contract.schema ?? {}) as { properties?: object; required?: string[] };
    if (required.includes('room_id')) needed(attempt.roomId, 'room_id');
    // As the guard does: a room that the command is not about makes no narrowed grant count.
    const named = Object.hasOwn(properties, 'room_id') ? attempt.roomId : undefined;
    return [
      { rule: 'handler', ask: () => passes('The gateway handles this type.') },
      ...contract.permissions.flatMap((permission) => this.ofPermission(permission as Permission, attempt, named)),
      ...this.rooms.of(action, attempt),
      ...(action === 'direct_message' ? this.ofDirectMessage(attempt) : []),
    ];
  }

  /** By the function of the guard. */
  private ofPermission(permission: Permission, { caller }: Attempt, named: string | undefined): Question[] {
    const { permissions } = caller;
    const beside = named === undefined ? null : this.demands.beside(permission, named);
    const where = named === undefined ? '' : ` in ${named}`;
    const ask = (wanted: Permission, demands?: RoomDemands) => () => {
      const missing = missingPermission([permission], permissions, named, demands);
      if (missing === null) return passes(`${grantOf(wanted, permissions, named)} grants ${wanted}${where}.`);
      const refusal = new HubbubError('Forbidden', { details: { permission: missing } });
      return { because: `Nothing grants ${missing}${where}.`, refusal };
    };
    const own = { rule: 'permission', ask: ask(permission) };
    return beside === null ? [own] : [own, { rule: 'room_policy', ask: ask(beside, this.demands) }];
  }

  private ofDirectMessage({ caller, targetId }: Attempt): Question[] {
    const target = needed(targetId, 'target_id');
    const account = async () => {
      if (!this.config.auth.localOnly) return passes('Anybody can be written to: auth.local_only is off.');
      if (await this.users.exists(target)) return passes('The other has an account here.');
      return { because: 'The other has no account here.', refusal: new HubbubError('ClientNotFound') };
    };
    const block = async () => {
      if (!(await this.blocks.has(target, caller.userId))) return passes('The other has not blocked him.');
      const because = 'The other has blocked him: the message is answered as usual, and reaches nobody.';
      return { because, refusal: null, isSilent: true } as const;
    };
    return [
      { rule: 'account', ask: account },
      { rule: 'block_list', ask: block },
    ];
  }
}

/** Which of the grants does it. */
function grantOf(permission: Permission, { grants }: PermissionSet, roomId: string | undefined): string | undefined {
  const named = permission === 'admin:system' ? undefined : roomId;
  return grants.find((grant) => new PermissionSet([grant]).has(permission, named));
}
