import type { LoggerService, LogLevel } from '@nestjs/common';
import { type DestinationStream, destination, type Logger, pino, stdSerializers } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { REDACTED } from './redacted.js';

/** What the logger is told to do, and by whom it is told of a change; the configuration is one. */
export interface LogSettings {
  /** The current values. */
  readonly log: {
    readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
    readonly format: 'json' | 'pretty';
  };
  /** @param listener told the dotted keys that changed */
  onChange(listener: (changed: readonly string[]) => void): unknown;
}

type Level = LogSettings['log']['level'];

/** Contexts in which Nest lists every module, route and handler at start: some two hundred lines that say nothing new. */
const INVENTORY = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'WebSocketsController']);

/**
 * Nest's logger on pino: one JSON object a line, or text for people. `new Logger('Rooms').warn({ msg: 'room closed',
 * roomId })` gives `{"level":"warn","time":…,"context":"Rooms","msg":"room closed","roomId":…}`. Level and format
 * follow the configuration; secrets and contents of messages are blotted out wherever they appear.
 */
export class PinoLogger implements LoggerService {
  private pino: Logger;

  /** @param output where the lines go, by default the standard output */
  constructor(
    private readonly settings: LogSettings,
    private readonly output: DestinationStream = destination({ dest: 1, sync: true }),
  ) {
    this.pino = this.make();
    settings.onChange((changed) => {
      if (changed.includes('log.level')) this.pino.level = settings.log.level;
      if (changed.includes('log.format')) this.pino = this.make();
    });
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  log(message: unknown, ...rest: unknown[]): void {
    this.write(INVENTORY.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** The level is the configuration's. */
  setLogLevels(_levels: LogLevel[]): void {}

  private make(): Logger {
    const { level, format } = this.settings.log;
    return pino(
      {
        level,
        base: null,
        formatters: { level: (label) => ({ level: label }) },
        serializers: { err: stdSerializers.err, error: serializeError, cause: serializeError },
        redact: { paths: REDACTED, censor: '[hidden]' },
      },
      format === 'pretty' ? forPeople(this.output) : this.output,
    );
  }

  /** @param rest as Nest hands it on: a stack perhaps, further values perhaps, the context last */
  private write(level: Level, message: unknown, rest: readonly unknown[]): void {
    if (!this.pino.isLevelEnabled(level)) return;
    const last = rest.at(-1);
    const context = typeof last === 'string' && !looksLikeStack(last) ? last : undefined;
    const others = (context === undefined ? rest : rest.slice(0, -1)).filter((value) => value !== undefined);
    const fields: Record<string, unknown> = context === undefined ? {} : { context };
    for (const value of others) {
      if (value instanceof Error) fields.err = value;
      else if (looksLikeStack(value)) fields.stack = value;
      else if (isFields(value)) Object.assign(fields, value);
      else fields.details = [...((fields.details as unknown[]) ?? []), value];
    }
    if (message instanceof Error) this.pino[level]({ ...fields, err: message }, message.message);
    else if (isFields(message)) this.pino[level]({ ...fields, ...message });
    else this.pino[level](fields, String(message));
  }
}

/** Formats each line as it is written: pino-pretty's own stream would lose the last ones at exit. */
function forPeople(output: DestinationStream): DestinationStream {
  const format = prettyFactory({
    colorize: process.stdout.isTTY,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
    messageFormat: '{if context}[{context}] {end}{msg}',
    ignore: 'context',
  });
  return { write: (line) => output.write(format(line) ?? line) };
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Error);
}

function looksLikeStack(value: unknown): value is string {
  return typeof value === 'string' && /\n\s+at /.test(value);
}

function serializeError(value: unknown): unknown {
  return value instanceof Error ? stdSerializers.err(value) : value;
}
