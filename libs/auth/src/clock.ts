import { Injectable } from '@nestjs/common';

/** What time it is, for everything here that expires. Tests provide another. */
@Injectable()
export class Clock {
  /** Unix milliseconds. */
  now(): number {
    return Date.now();
  }
}
