import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import type { Settings } from './settings/settings.js';

type Level = Settings['MODERATOR_LOG_LEVEL'];

/** Nest's levels, each with those that are graver. */
const LEVELS: readonly (readonly [Level, LogLevel])[] = [
  ['error', 'error'],
  ['warn', 'warn'],
  ['info', 'log'],
  ['debug', 'debug'],
];

/** Nest's own logger, whose lines have the form of the gateways': `{"level":"info","time":…,"context":…,"msg":…, …}`. */
export class JsonLogger extends ConsoleLogger {
  constructor(level: Level) {
    const graver = LEVELS.slice(0, LEVELS.findIndex(([name]) => name === level) + 1).map(([, nest]) => nest);
    super({ json: true, logLevels: ['fatal', ...graver] });
  }

  protected override printAsJson(
    message: unknown,
    { context, logLevel, errorStack, error }: Parameters<ConsoleLogger['printAsJson']>[1],
  ): void {
    const level = LEVELS.find(([, nest]) => nest === logLevel)?.[0] ?? logLevel;
    const fields = typeof message === 'object' ? message : { msg: message };
    const line = { level, time: Date.now(), context, ...fields, stack: errorStack, ...(error && { err: error }) };
    const readable = (_key: string, value: unknown) => (value instanceof Error ? this.serializeError(value) : value);
    process.stdout.write(`${JSON.stringify(line, readable)}\n`);
  }
}
