import { type Connection, Connections, Push } from '@hubbub/transport';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Clock } from './clock.js';
import { ExpirySchedule, WARN_AHEAD_S } from './expiry-schedule.js';

/** Warns connections a minute before their token ends, and closes them with 4501 when it does. One timer for all. */
@Injectable()
export class TokenExpiry implements OnModuleInit, OnModuleDestroy {
  private readonly schedule: ExpirySchedule<Connection>;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly connections: Connections,
    private readonly clock: Clock,
  ) {
    this.schedule = new ExpirySchedule(clock.now());
  }

  onModuleInit(): void {
    this.connections.onIdentified((connection) => this.follow(connection));
    this.connections.onClosed((connection) => this.forget(connection));
    this.wait();
  }

  onModuleDestroy(): void {
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private forget(connection: Connection): void {
    const expiresAt = connection.identity?.expiresAt;
    if (expiresAt !== undefined) this.schedule.remove(connection, expiresAt);
  }

  private follow(connection: Connection): void {
    const expiresAt = connection.identity?.expiresAt;
    if (expiresAt !== undefined && this.schedule.add(connection, expiresAt)) warn(connection);
  }

  /** Looks at the clock just after each full second, which is when tokens end. */
  private wait(): void {
    const now = this.clock.now();
    this.timer = setTimeout(
      () => {
        this.tick();
        this.wait();
      },
      1000 - (now % 1000),
    );
    this.timer.unref();
  }

  /** A connection that got a newer token is still filed under the older one too: what it holds now decides. */
  private tick(): void {
    const now = this.clock.now();
    const { expiring, expired } = this.schedule.advance(now);
    for (const connection of new Set(expiring)) {
      if (leftMs(connection, now) <= WARN_AHEAD_S * 1000) warn(connection);
    }
    for (const connection of expired) {
      if (leftMs(connection, now) <= 0) connection.close('TokenExpired');
    }
  }
}

function leftMs({ identity }: Connection, now: number): number {
  return (identity?.expiresAt ?? Number.POSITIVE_INFINITY) - now;
}

function warn(connection: Connection): void {
  const expiresAt = connection.identity?.expiresAt;
  if (expiresAt !== undefined) connection.send(Push.of('token_expiring', { expires_at: expiresAt }));
}
