import { HubbubEventsStrategy } from '@hubbub/sdk';
import { Controller, Get } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import { Lanes } from './enforcement/lanes.service.js';
import { Ledger } from './ledger/ledger.store.js';

/** How it is: for people and monitors, and for who restarts it. */
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly events: HubbubEventsStrategy,
    private readonly lanes: Lanes,
    private readonly ledger: Ledger,
  ) {}

  /** Each kind of work, and how much is due. 503 while one of them gets nothing done, or nothing is heard. */
  @Get()
  all() {
    const works = [...this.lanes.failures()].map(([work, failure]) => () => {
      const check = this.indicators.check(work);
      return failure === null ? check.up() : check.down({ message: failure.message });
    });
    const ledger = () => this.indicators.check('ledger').up({ due: this.ledger.count() });
    const events = () => {
      const check = this.indicators.check('events');
      return this.events.isReading ? check.up() : check.down({ message: 'NATS or the stream of events is away.' });
    };
    return this.health.check([ledger, events, ...works]);
  }

  /** Whether the process answers at all; a restart would help if it did not. */
  @Get('live')
  live() {
    return this.health.check([]);
  }
}
