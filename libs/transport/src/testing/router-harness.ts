import { HubbubConfig, type PartialConfig } from '@hubbub/config';
import { Metrics } from '@hubbub/observability';
import type { LoggerService, ModuleMetadata, Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import { CommandRouter } from '../command-router.js';
import { CommandTable } from '../command-table.js';
import { HandlerPlanner } from '../handler-planner.js';
import { Hooks } from '../hooks.js';
import { SessionGateway } from '../session.gateway.js';
import { Streams } from '../streams.js';
import { RecordingConnection } from './recording-connection.js';

/** What was logged, by level. */
export class RecordingLogger implements LoggerService {
  readonly lines: { level: string; entry: unknown }[] = [];
  log = this.recorder('log');
  error = this.recorder('error');
  warn = this.recorder('warn');
  debug = this.recorder('debug');
  verbose = this.recorder('verbose');

  of(level: string): unknown[] {
    return this.lines.filter((line) => line.level === level).map((line) => line.entry);
  }

  private recorder(level: string): (entry: unknown) => void {
    return (entry) => void this.lines.push({ level, entry });
  }
}

export interface RouterHarnessOptions {
  readonly providers?: Provider[];
  readonly imports?: ModuleMetadata['imports'];
  readonly config?: PartialConfig;
}

/** A Nest application context with the router and gateways of a test. */
export class RouterHarness {
  readonly router: CommandRouter;
  readonly metrics: Metrics;

  private constructor(
    readonly module: TestingModule,
    readonly logger: RecordingLogger,
  ) {
    this.router = module.get(CommandRouter);
    this.metrics = module.get(Metrics);
  }

  static async start({ providers = [], imports = [], config = {} }: RouterHarnessOptions = {}): Promise<RouterHarness> {
    const logger = new RecordingLogger();
    const module = await Test.createTestingModule({
      imports: [DiscoveryModule, ...imports],
      providers: [
        ...[CommandRouter, CommandTable, HandlerPlanner, Hooks, Streams, SessionGateway, Metrics],
        { provide: HubbubConfig, useValue: HubbubConfig.from(config) },
        ...providers,
      ],
    })
      .setLogger(logger)
      .compile();
    await module.init();
    return new RouterHarness(module, logger);
  }

  /** An open connection; pass null for one that is not identified. */
  connect(identity: object | null = { userId: 'alice' }): RecordingConnection {
    const connection = new RecordingConnection(identity);
    this.router.open(connection);
    return connection;
  }

  /** Hands in one command, with its `message_id`. */
  send(connection: RecordingConnection, type: string, data: unknown = {}, id?: number | string): void {
    this.router.handle(connection, JSON.stringify({ message_type: type, message_id: id, data }));
  }

  end(connection: RecordingConnection): void {
    connection.lose();
    this.router.end(connection, { code: 1006, clean: false });
  }

  /** The samples of the counter of commands, as `type code`. */
  counts(): Record<string, number> {
    return Object.fromEntries(
      this.metrics.commands
        .samples()
        .filter(({ value }) => value > 0)
        .map(({ labels, value }) => [`${labels['type']} ${labels['code']}`, value]),
    );
  }

  close(): Promise<void> {
    return this.module.close();
  }
}
