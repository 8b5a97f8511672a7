import { AbstractLogger } from 'typeorm';

/** Keeps TypeORM from writing to the console: what fails is thrown, and logged by who handles it. */
export class SilentLogger extends AbstractLogger {
  protected override writeLog(): void {}
}
