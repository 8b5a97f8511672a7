import { CLOSE } from '../close-codes.js';
import { ERRORS } from '../errors.js';
import type { Catalogue, CommandEntry } from './catalogue.js';
import { type Field, fieldsOf, isList, isMergeable, type JsonSchema, valuesOf, variantsOf } from './schema.js';

/**
 * What a gateway speaks, in the one form that is compared and hashed: types, schemas, codes. Texts, examples and the order of
 * anything are not in it.
 */
export interface Contract {
  readonly commands: Readonly<Record<string, CommandContract>>;
  readonly pushes: Readonly<Record<string, JsonSchema>>;
  readonly events: Readonly<
    Record<string, { readonly scope: string; readonly stored: boolean; readonly data: JsonSchema }>
  >;
  readonly serviceCommands: Readonly<Record<string, CommandContract>>;
  readonly errors: Readonly<Record<string, { readonly code: number; readonly retryable: boolean }>>;
  readonly closes: Readonly<Record<string, number>>;
}

export interface CommandContract {
  readonly permissions: readonly string[];
  readonly data: JsonSchema;
  /** `message_type` of the answer; null for none, and for services, whose answers have no type. */
  readonly reply: string | null;
  readonly streams: boolean;
  readonly replyData: JsonSchema;
}

export function contractOf(catalogue: Catalogue): Contract {
  return {
    commands: byType(catalogue.commands, commandContract),
    pushes: byType(catalogue.pushes, ({ data }) => canonical(data)),
    events: byType(catalogue.events, ({ scope, stored, data }) => ({ scope, stored, data: canonical(data) })),
    serviceCommands: byType(catalogue.serviceCommands, commandContract),
    errors: Object.fromEntries(
      sorted(Object.entries(ERRORS)).map(([name, { code, retryable }]) => [name, { code, retryable }]),
    ),
    closes: Object.fromEntries(sorted(Object.entries(CLOSE)).map(([name, { code }]) => [name, code])),
  };
}

function commandContract({ permissions, data, replyType, streams, replyData }: CommandEntry): CommandContract {
  return {
    permissions: [...permissions].sort(),
    data: canonical(data),
    reply: replyType,
    streams,
    replyData: canonical(replyData),
  };
}

function byType<E extends { readonly type: string }, T>(entries: readonly E[], of: (entry: E) => T): Record<string, T> {
  return Object.fromEntries(sorted(entries.map((entry) => [entry.type, of(entry)] as const)));
}

function sorted<T>(entries: readonly (readonly [string, T])[]): (readonly [string, T])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** What only tells people something, and `not`, which leaves out what nobody sends. */
const TEXTS = new Set(['title', 'description', 'default', 'examples', 'example', '$id', '$schema', '$comment', 'not']);
/** Members that hold schemas. */
const PARTS = new Set([
  'items',
  '$defs',
  'patternProperties',
  'additionalProperties',
  'allOf',
  'properties',
  'required',
]);
const ERROR_NAMES = JSON.stringify(Object.keys(ERRORS).sort());
/** In place of a list of all errors, which is in `errors`: a new error does not change every message that may name one. */
const AN_ERROR: JsonSchema = { $ref: '#/errors' };

/** A schema in one of the many ways to write it: members sorted, choices as `enum`, intersections as one object. */
export function canonical(schema: JsonSchema): JsonSchema {
  const values = valuesOf(schema);
  if (values !== undefined) {
    const texts = values.map((value) => JSON.stringify(value)).sort();
    return `[${texts.join(',')}]` === ERROR_NAMES
      ? AN_ERROR
      : { enum: texts.map((text) => JSON.parse(text) as unknown) };
  }
  if (JSON.stringify(schema.not) === '{}') return { enum: [] };
  const { anyOf, oneOf, ...beside } = schema;
  const alternatives = anyOf ?? oneOf;
  if (alternatives !== undefined) {
    return both(canonical(beside), { anyOf: inOrder(alternatives.flatMap((part) => variantsOf(canonical(part)))) });
  }
  if (schema.allOf !== undefined && !isMergeable(schema)) {
    const { allOf, ...rest } = schema;
    return inOrder(allOf.map(canonical)).reduce(both, canonical(rest));
  }
  const { items, patternProperties, additionalProperties, $defs } = schema;
  const scalars = Object.entries(schema).filter(([key]) => !TEXTS.has(key) && !PARTS.has(key));
  return {
    ...Object.fromEntries(sorted(scalars)),
    ...(items && { items: isList(items) ? items.map(canonical) : canonical(items) }),
    ...($defs && { $defs: canonicalFields(Object.entries($defs)) }),
    ...(patternProperties && { patternProperties: canonicalFields(Object.entries(patternProperties)) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: canonical(additionalProperties) }),
    // Letting others in is what an object does anyway.
    ...(additionalProperties === false && { additionalProperties }),
    ...((schema.allOf ?? schema.properties ?? schema.required) ? canonicalObject(fieldsOf(schema), schema) : {}),
  };
}

function canonicalObject(fields: readonly Field[], { required = [] }: JsonSchema): JsonSchema {
  const needed = fields.flatMap((field) => (field.required ? [field.name] : []));
  return {
    type: 'object',
    properties: canonicalFields(fields.map(({ name, schema }) => [name, schema])),
    required: [...new Set([...needed, ...required])].sort(),
  };
}

/** What has to be as both say, and cannot be written as one. */
function both(whole: JsonSchema, part: JsonSchema): JsonSchema {
  if (Object.keys(whole).length === 0) return part;
  // Alternatives have nothing beside them: whoever compares looks at each for itself.
  return whole.anyOf ? { allOf: [whole, part] } : { ...whole, allOf: [...(whole.allOf ?? []), part] };
}

function inOrder(schemas: readonly JsonSchema[]): JsonSchema[] {
  return [...schemas].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function canonicalFields(fields: readonly (readonly [string, JsonSchema])[]): Record<string, JsonSchema> {
  return Object.fromEntries(sorted(fields.map(([name, schema]) => [name, canonical(schema)] as const)));
}
