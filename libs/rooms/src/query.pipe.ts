import { validate } from '@hubbub/protocol';
import type { PipeTransform } from '@nestjs/common';
import type { Static, TObject } from 'typebox';

const WHOLE_NUMBER = /^\d{1,16}$/;

/**
 * Validates a query string, whose values are all text: what the schema wants as a number is read as one.
 * @throws HubbubError InvalidFormat
 */
export class QueryPipe<S extends TObject> implements PipeTransform<unknown, Static<S>> {
  constructor(private readonly schema: S) {}

  transform(value: unknown): Static<S> {
    const query: Record<string, unknown> = {};
    for (const [name, given] of Object.entries((value ?? {}) as Record<string, unknown>)) {
      if (!Object.hasOwn(this.schema.properties, name)) continue;
      const { type } = this.schema.properties[name] as { type?: string };
      query[name] = type === 'integer' && typeof given === 'string' && WHOLE_NUMBER.test(given) ? Number(given) : given;
    }
    return validate(this.schema, query);
  }
}
