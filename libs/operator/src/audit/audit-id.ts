import { randomBytes } from 'node:crypto';

/** What of an id is the time, in hexadecimal digits. */
const TIME_DIGITS = 12;
const MAX_COUNT = 0xffff;

/** Makes ids whose order is that of time: of one node always, of several as far as their clocks agree. */
export class AuditIds {
  private at = 0;
  private count = 0;

  /** @param now Unix ms */
  next(now: number): string {
    if (now > this.at) [this.at, this.count] = [now, 0];
    else if (this.count < MAX_COUNT) this.count++;
    else [this.at, this.count] = [this.at + 1, 0];
    return `${timeOf(this.at)}${this.count.toString(16).padStart(4, '0')}${randomBytes(8).toString('hex')}`;
  }
}

/** All ids that were made at this time are above it, and those of earlier times below. */
export function timeOf(at: number): string {
  return Math.max(0, Math.floor(at)).toString(16).padStart(TIME_DIGITS, '0');
}
