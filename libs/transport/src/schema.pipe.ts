import { validate } from '@hubbub/protocol';
import type { PipeTransform } from '@nestjs/common';
import type { Static, TSchema } from 'typebox';

/**
 * Validates a payload: `@MessageBody(new SchemaPipe(COMMANDS.join_room.data)) data`. Unknown fields are let through.
 * @throws HubbubError InvalidFormat whose details name path and expectation, never the value
 */
export class SchemaPipe<S extends TSchema> implements PipeTransform<unknown, Static<S>> {
  constructor(readonly schema: S) {}

  transform(value: unknown): Static<S> {
    return validate(this.schema, value);
  }
}
