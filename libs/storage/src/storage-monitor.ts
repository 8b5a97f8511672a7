import type { Metrics } from '@hubbub/observability';
import type { HubbubError } from '@hubbub/protocol';
import { Logger } from '@nestjs/common';
import type { AccessKind, DatabaseMonitor } from './database.js';

/** Counts what goes wrong, and logs the begin and the end of an outage: not every command that meets it. */
export class StorageMonitor implements DatabaseMonitor {
  private readonly logger = new Logger('Storage');
  private readonly failing = new Set<AccessKind>();

  constructor(private readonly metrics: Pick<Metrics, 'databaseErrors' | 'databaseRetries'>) {}

  retrying(): void {
    this.metrics.databaseRetries.inc();
  }

  failed(kind: AccessKind, error: HubbubError): void {
    this.metrics.databaseErrors.inc();
    if (this.failing.has(kind)) return;
    this.failing.add(kind);
    this.logger.error({ msg: 'database not available', access: kind, err: error.cause });
  }

  succeeded(kind: AccessKind): void {
    if (this.failing.delete(kind)) this.logger.log({ msg: 'database available again', access: kind });
  }
}
