import { type ExplainOptions, type FactStream, Hubbub, HubbubFacts, isHubbubError, subjectKey } from '@hubbub/sdk';
import { Injectable, Logger } from '@nestjs/common';
import type { Decision, Effect, Heard } from '../decision.js';
import { noticeKey, noticeOf } from './notice.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Where others hear of decisions (docs/moderator.md). */
export const DECISIONS: FactStream = {
  name: 'MODERATOR_DECISIONS',
  subjects: 'moderator.evt.>',
  maxAgeMs: 30 * DAY_MS,
  repeatsMs: 7 * DAY_MS,
};

/** Who or what it was about is gone, so that nothing is left to be done. */
const GONE: readonly string[] = ['RoomNotFound', 'MessageNotFound', 'NotInRoom', 'ClientNotFound'];
/** Has no role anywhere: no token is good that has this id, and those of anonymous users are longer. */
const NOBODY = 'anon:';
/** What no repetition makes right. */
const HOPELESS: readonly string[] = ['InvalidFormat', 'MessageTooLarge'];

/** What a decision does at the gateways and tells others. Each may be asked for again: what is done already, stays so. */
@Injectable()
export class Effects {
  private readonly logger = new Logger('Moderator');

  constructor(
    private readonly hubbub: Hubbub,
    private readonly facts: HubbubFacts,
  ) {}

  /** @throws HubbubError for what may succeed another time */
  async perform(effect: Effect, decision: Decision): Promise<void> {
    try {
      await this[effect](decision);
    } catch (error) {
      if (!isHubbubError(error)) throw error;
      if (GONE.includes(error.name)) return;
      // The owner of a room is out of everybody's reach.
      const isOutOfReach = effect === 'remove' && error.name === 'Forbidden';
      if (!isOutOfReach && !HOPELESS.includes(error.name)) throw error;
      this.logger.warn({ msg: 'refused, and left', effect, id: decision.id, err: error });
    }
  }

  /** Whether the sender may change the roles of others in the room: its owner, its moderators, operators. @throws HubbubError */
  async isModerator({ room_id, sender_id }: Heard): Promise<boolean> {
    const explain = async (more: ExplainOptions = {}) => {
      const change = { target_id: NOBODY, role: 'none', ...more } as const;
      return (await this.hubbub.users.explain(sender_id, 'set_member', room_id, change)).allowed;
    };
    try {
      return await explain();
    } catch (error) {
      if (!isHubbubError(error)) throw error;
      // By now nobody knows his permissions, and the room still knows his role.
      if (error.name === 'ClientOffline') return explain({ permissions: [] });
      if (GONE.includes(error.name)) return false;
      throw error;
    }
  }

  private async redact(decision: Decision): Promise<void> {
    if (await this.isThere(decision)) await this.hubbub.rooms.redact(decision.room_id, decision.seq);
  }

  private async remove(decision: Decision): Promise<void> {
    const { room_id, user_id, action, rule } = decision;
    if (!(await this.isThere(decision))) return;
    const reason = `moderation: ${rule}`;
    if (action === 'banned') await this.hubbub.rooms.setRole(room_id, user_id, 'banned', reason);
    else await this.hubbub.rooms.kick(room_id, user_id, reason);
  }

  private async notice(decision: Decision): Promise<void> {
    if (!(await this.isThere(decision))) return;
    await this.hubbub.rooms.publish(decision.room_id, noticeOf(decision), { idempotencyKey: noticeKey(decision) });
  }

  private async fact(decision: Decision): Promise<void> {
    const subject = `moderator.evt.room.${subjectKey(decision.room_id)}.decision`;
    await this.facts.publish(DECISIONS, { subject, id: decision.id, data: decision });
  }

  /** Not where the room was deleted, and another one made of its name, whose people have done nothing. */
  private async isThere({ room_id, epoch, seq }: Decision): Promise<boolean> {
    return (await this.hubbub.rooms.history(room_id, { after: seq - 1, limit: 1 })).epoch === epoch;
  }
}
