import { join } from 'node:path';
import { HubbubClientModule, HubbubEventsStrategy } from '@hubbub/sdk';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { Effects } from './enforcement/effects.service.js';
import { Lanes } from './enforcement/lanes.service.js';
import { HealthController } from './health.controller.js';
import { JudgeController } from './judge.controller.js';
import { Ledger } from './ledger/ledger.store.js';
import { rulesOf, SETTINGS, type Settings } from './settings/settings.js';
import { Words } from './text/words.service.js';

/** To judge a message takes a moment: after a crash those that were under way come again so soon. */
const ACK_WAIT_MS = 2000;
/** What fails is the ledger, by a full disk perhaps. This many attempts are a quarter of an hour. */
const ATTEMPTS = 20;

@Module({})
export class ModeratorModule implements OnApplicationShutdown {
  constructor(@Inject(Ledger) private readonly ledger: Ledger) {}

  static forRoot(settings: Settings): DynamicModule {
    const { HUBBUB_BUS_URL: servers, MODERATOR_TOKEN: token, MODERATOR_DATA_DIR: folder } = settings;
    const reader = { servers, durable: 'moderator', ackWaitMs: ACK_WAIT_MS, attempts: ATTEMPTS };
    const who = token === '' ? {} : { token };
    return {
      module: ModeratorModule,
      imports: [HubbubClientModule.forRoot({ servers, name: 'moderator', ...who }), TerminusModule],
      controllers: [JudgeController, HealthController],
      providers: [
        { provide: SETTINGS, useValue: settings },
        { provide: Ledger, useFactory: () => new Ledger(join(folder, 'ledger.sqlite'), rulesOf(settings)) },
        { provide: HubbubEventsStrategy, useFactory: () => new HubbubEventsStrategy(reader) },
        Words,
        Effects,
        Lanes,
      ],
    };
  }

  onApplicationShutdown(): void {
    this.ledger.close();
  }
}
