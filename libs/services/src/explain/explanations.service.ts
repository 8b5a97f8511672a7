import type { HubbubError, ServiceCommandData, ServiceReply } from '@hubbub/protocol';
import type { Question, Ruling } from '@hubbub/rooms';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ServiceCommands } from '../commands/service-commands.js';
import { CommandQuestions } from './command-questions.js';
import { ExplainedUsers } from './explained-users.js';

type Explanation = ServiceReply<'explain'>;
type Verdict = Pick<Explanation, 'allowed' | 'rule' | 'error' | 'steps'>;

/**
 * `explain`: whether a user may do something, and which rule decides. It asks what the command would ask, in the same order
 * and of the same functions, and carries nothing out. Guards of an application's own, and rates, are not asked.
 */
@Injectable()
export class Explanations implements OnModuleInit {
  constructor(
    private readonly commands: ServiceCommands,
    private readonly users: ExplainedUsers,
    private readonly questions: CommandQuestions,
  ) {}

  onModuleInit(): void {
    this.commands.handle({ explain: (data) => this.explain(data) });
  }

  /** @throws HubbubError InvalidFormat, ClientNotFound, ClientOffline, ServerError */
  async explain(data: ServiceCommandData<'explain'>): Promise<Explanation> {
    const { user_id, action, room_id: roomId, target_id: targetId, role, seq } = data;
    const { caller, rooms, judgedBy, unconfirmed } = await this.users.find(data);
    const verdict = await verdictOf(this.questions.of(action, { caller, rooms, roomId, targetId, role, seq }));
    return {
      user_id,
      action,
      ...verdict,
      judged_by: judgedBy,
      ...(unconfirmed.length === 0 ? {} : { unconfirmed: [...unconfirmed] }),
    };
  }
}

/** Asks one after the other. @param questions at least one */
async function verdictOf(questions: readonly Question[]): Promise<Verdict> {
  const steps: Explanation['steps'] = [];
  let deciding: { rule: string; ruling: Ruling } | undefined;
  for (const { rule, ask } of questions) {
    if (deciding !== undefined) {
      steps.push({ rule, outcome: 'not_asked', because: `${deciding.rule} has decided.` });
      continue;
    }
    const ruling = await ask();
    const isPassed = ruling.refusal === null && ruling.isSilent !== true;
    steps.push({ rule, outcome: isPassed ? 'passed' : 'refused', because: ruling.because });
    if (!isPassed) deciding = { rule, ruling };
  }
  const rule = deciding?.rule ?? steps.at(-1)?.rule ?? '';
  return { allowed: deciding === undefined, rule, ...errorOf(deciding?.ruling.refusal ?? null), steps };
}

function errorOf(refusal: HubbubError | null): Pick<Verdict, 'error'> {
  return refusal === null ? {} : { error: refusal.toJSON() };
}
