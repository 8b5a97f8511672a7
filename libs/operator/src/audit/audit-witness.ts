import { KeyedLimiter } from '@hubbub/auth';
import { isHubbubError, PermissionSet } from '@hubbub/protocol';
import { RoomQuestions } from '@hubbub/rooms';
import { type Act, Acts, Deferred, TokenBucket, toHubbubError, type Witness } from '@hubbub/transport';
import { Injectable } from '@nestjs/common';
import { AuditLog } from './audit-log.js';
import { type AuditedAct, auditedAct, isAudited } from './audited-acts.js';

/** Attempts a minute of one user without the power that are kept, so that nobody can fill the log. */
const REFUSALS_PER_MIN = 10;
const MAX_REFUSED = 10_000;
/** Of all users together: whoever connects without a name is another user each time. */
const ALL_REFUSALS_PER_MIN = 100;
/** What the power of operators is granted by. */
const POWERS = /^admin:(room|system)(@|$)/;

/**
 * Keeps what is done by the power of `admin:system` or `admin:room`, and what is attempted by it in vain. The entry is there
 * before the act: where it cannot be stored, nothing is done.
 */
@Injectable()
export class AuditWitness implements Witness {
  private readonly refusals = new KeyedLimiter(
    () => ({ perSecond: REFUSALS_PER_MIN / 60, burst: REFUSALS_PER_MIN }),
    MAX_REFUSED,
  );
  private readonly allRefusals = new TokenBucket(ALL_REFUSALS_PER_MIN / 60, ALL_REFUSALS_PER_MIN, performance.now());

  constructor(
    private readonly log: AuditLog,
    private readonly rooms: RoomQuestions,
    acts: Acts,
  ) {
    acts.witnessedBy(this);
  }

  watches(action: string, permissions: readonly string[]): boolean {
    return isAudited(action, permissions);
  }

  around(act: Act, work: () => unknown): unknown {
    const audited = auditedAct(act);
    const { power, byRole, target } = audited;
    // Narrowed to rooms, `admin:system` is no power at all, whatever room is named.
    if (act.caller.permissions.has(power, power === 'admin:system' ? undefined : target.room_id)) {
      return byRole ? this.keepIfNeeded(act, audited, work) : this.keep(act, audited, work);
    }
    // In rooms roles decide about everybody else; of the rest only the refusal is left to be seen.
    return !byRole && this.isKept(act.caller.userId) ? this.keep(act, audited, work) : work();
  }

  private isKept(userId: string): boolean {
    const now = performance.now();
    return this.refusals.take(userId, now) === 0 && this.allRefusals.take(now) === 0;
  }

  /** An owner in his own room uses no power, whatever he has. */
  private async keepIfNeeded(act: Act, audited: AuditedAct, work: () => unknown): Promise<unknown> {
    return (await this.needsPower(act, audited)) ? this.keep(act, audited, work) : work();
  }

  private async keep(act: Act, audited: AuditedAct, work: () => unknown): Promise<unknown> {
    const id = await this.log.record(audited, act);
    let result: unknown;
    try {
      result = await work();
    } catch (error) {
      await this.log.settle(id, toHubbubError(error).code);
      throw error;
    }
    if (result instanceof Deferred) {
      result.onSettled((error) => void this.log.settle(id, error === undefined ? 0 : toHubbubError(error).code));
    } else {
      await this.log.settle(id, 0);
    }
    return result;
  }

  /** Whether the rules of the room would refuse it to him without his power. @throws HubbubError ServerError */
  private async needsPower({ caller, data }: Act, { action, target }: AuditedAct): Promise<boolean> {
    // The schema is asked only after this.
    const { role } = (data ?? {}) as { role?: never };
    const { room_id: roomId, user_id: targetId, seq } = target;
    const permissions = new PermissionSet(caller.permissions.grants.filter((grant) => !POWERS.test(grant)));
    const attempt = { caller: { ...caller, permissions }, rooms: [], roomId, targetId, seq, role };
    try {
      for (const { ask } of this.rooms.of(action, attempt)) {
        const { refusal } = await ask();
        if (refusal !== null) return refusal.name === 'Forbidden' || refusal.name === 'RoomNotFound';
      }
    } catch (error) {
      // What it leaves out is what it is refused for.
      if (isHubbubError(error) && error.name === 'InvalidFormat') return true;
      throw error;
    }
    return false;
  }
}
