import type { Static, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { type FieldFault, HubbubError } from './errors.js';

/** Most faults named in one answer; a payload can have thousands. */
const MAX_FAULTS = 10;

const compiled = new WeakMap<TSchema, Validator>();

function validatorOf(schema: TSchema): Validator {
  let validator = compiled.get(schema);
  if (validator === undefined) {
    // Compiled at first use: a browser that only reads the types never pays for it.
    validator = Compile(schema);
    compiled.set(schema, validator);
  }
  return validator;
}

/**
 * Returns `value`, typed, if it is of `schema`. Unknown fields are let through.
 * @throws HubbubError InvalidFormat, whose details name path and expectation, never the value
 */
export function validate<S extends TSchema>(schema: S, value: unknown): Static<S> {
  const validator = validatorOf(schema);
  if (validator.Check(value)) return value as Static<S>;
  const details: FieldFault[] = [...validator.Errors(value)]
    .slice(0, MAX_FAULTS)
    .map((fault) => ({ path: fault.instancePath, message: fault.message }));
  throw new HubbubError('InvalidFormat', { details });
}

export function isValid<S extends TSchema>(schema: S, value: unknown): value is Static<S> {
  return validatorOf(schema).Check(value);
}
