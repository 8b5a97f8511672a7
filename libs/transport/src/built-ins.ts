import type { Type } from '@nestjs/common';

/** Port: the gateways that Hubbub brings itself, in a table that an application adds to. Absent: there are none. */
export abstract class BuiltIns {
  abstract has(gateway: Type): boolean;

  /** Whether the application does without this command of theirs. */
  abstract isOff(type: string): boolean;
}
