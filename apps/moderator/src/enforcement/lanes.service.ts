import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EFFECTS, type Effect } from '../decision.js';
import { type Accusation, type Due, Ledger } from '../ledger/ledger.store.js';
import { SETTINGS, type Settings } from '../settings/settings.js';
import { Effects } from './effects.service.js';
import { Lane } from './lane.js';

/** What is due, done: accusations become decisions, and decisions have their effects. Begins with what a run before left. */
@Injectable()
export class Lanes implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Moderator');
  private readonly lanes: readonly (Lane<Accusation> | Lane<Due>)[];

  constructor(
    private readonly ledger: Ledger,
    private readonly effects: Effects,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    this.lanes = [this.decisions(), ...EFFECTS.map((effect) => this.effectsOf(effect))];
  }

  onApplicationBootstrap(): void {
    this.wake();
  }

  /** Before the connection to NATS is closed. */
  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.stop()));
  }

  wake(): void {
    for (const lane of this.lanes) lane.wake();
  }

  /** Why each that gets nothing done does not, by its name. */
  failures(): Map<string, Error | null> {
    return new Map(this.lanes.map(({ name, failure }) => [name, failure]));
  }

  private decisions(): Lane<Accusation> {
    return new Lane({
      name: 'decide',
      next: () => this.ledger.nextAccusation(),
      perform: async (accusation) => {
        const isExempt =
          this.settings.MODERATOR_EXEMPT_MODERATORS && (await this.effects.isModerator(accusation.heard));
        if (isExempt) return this.ledger.drop(accusation);
        const { id, rule, action, offence } = this.ledger.decide(accusation, Date.now());
        this.logger.log({ msg: 'decided', id, rule, action, offence });
        this.wake();
      },
    });
  }

  private effectsOf(effect: Effect): Lane<Due> {
    return new Lane({
      name: effect,
      next: () => this.ledger.nextEffect(effect),
      perform: async (due) => {
        await this.effects.perform(effect, due.decision);
        this.ledger.done(due);
      },
    });
  }
}
