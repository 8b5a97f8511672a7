import { type EventData, matchesPattern, OnHubbubEvent } from '@hubbub/sdk';
import { Controller, Inject } from '@nestjs/common';
import type { Heard, Rule } from './decision.js';
import { Lanes } from './enforcement/lanes.service.js';
import { Ledger } from './ledger/ledger.store.js';
import { SETTINGS, type Settings } from './settings/settings.js';
import { userOf } from './settings/user-of.js';
import { sketchOf } from './text/sketch.js';
import { textOf } from './text/text-of.js';
import { Words } from './text/words.service.js';

/**
 * Hears every message, in the order of its room, and notes what it thinks of it. When that is noted the message is
 * acknowledged: all that follows is done by the ledger, and not bound to the message, which may be gone by then.
 */
@Controller()
export class JudgeController {
  /** Patterns of users. The moderator's own notices, above all, are not to be moderated. */
  private readonly exempt: readonly string[];

  constructor(
    private readonly ledger: Ledger,
    private readonly words: Words,
    private readonly lanes: Lanes,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    this.exempt = [...settings.MODERATOR_EXEMPT, userOf(settings.MODERATOR_TOKEN) ?? ''];
  }

  @OnHubbubEvent('room_message', { durable: true })
  hear(message: EventData<'room_message'>): void {
    const { content, ...heard } = message;
    // Redacted by somebody else meanwhile: there is nothing left to judge.
    if (!isStored(heard) || message.redacted) return;
    if (this.exempt.some((pattern) => matchesPattern(pattern, heard.sender_id))) return;
    const text = textOf(content);
    const sketch = sketchOf(text || JSON.stringify(content));
    if (this.ledger.hear(heard, sketch, (alike) => this.ruleOf(text, alike))) this.lanes.wake();
  }

  private ruleOf(text: string, alike: number): Rule | undefined {
    const { MODERATOR_REPEATS: repeats } = this.settings;
    if (this.words.areIn(text)) return 'word';
    return repeats > 0 && alike >= repeats ? 'repeat' : undefined;
  }
}

function isStored(message: Partial<Heard>): message is Heard {
  return message.seq !== undefined;
}
