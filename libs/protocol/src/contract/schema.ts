import type { TSchema } from 'typebox';
import * as entities from '../entities.js';
import { ErrorData } from '../pushes.js';

/** JSON Schema as TypeBox and class-validator-jsonschema write it: the part that messages are made of. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
  /** By position, where it is a list. */
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly additionalItems?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly title?: string;
  readonly description?: string;
  readonly $ref?: string;
  readonly $id?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly not?: JsonSchema;
}

/** One field of an object. */
export interface Field {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

/** Objects and ids that several messages share, by the name that documents give them. */
export const NAMED: Readonly<Record<string, JsonSchema>> = Object.freeze<Record<string, TSchema>>({
  RoomId: entities.RoomId,
  UserId: entities.UserId,
  Room: entities.Room,
  ListedRoom: entities.ListedRoom,
  Member: entities.Member,
  RoomMessage: entities.RoomMessage,
  DirectMessage: entities.DirectMessage,
  Session: entities.Session,
  Error: ErrorData,
});

const names = new Map(Object.entries(NAMED).map(([name, schema]) => [JSON.stringify(schema), name]));

/** The name of a shared schema; found by what it says, as an optional field has a copy of it. */
export function nameOf(schema: JsonSchema): string | undefined {
  return names.get(JSON.stringify(schema));
}

/** The alternatives of a schema; itself where it has none. */
export function variantsOf(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf ?? schema.oneOf ?? [schema];
}

/** The fields of an object, those of all its parts. */
export function fieldsOf(schema: JsonSchema): Field[] {
  const own = Object.entries(schema.properties ?? {}).map(([name, field]) => ({
    name,
    schema: field,
    required: schema.required?.includes(name) ?? false,
  }));
  return [...own, ...(schema.allOf ?? []).flatMap(fieldsOf)];
}

const PLAIN = new Set([
  'type',
  'properties',
  'required',
  'allOf',
  'title',
  'description',
  'default',
  'examples',
  '$id',
]);

/** Whether the parts of a schema are objects that can be written as one: nothing but fields. */
export function isMergeable(schema: JsonSchema): boolean {
  return (schema.allOf ?? []).every(
    (part) => part.type === 'object' && Object.keys(part).every((key) => PLAIN.has(key)) && isMergeable(part),
  );
}

/** The values of a schema that lists them; undefined for any other. */
export function valuesOf(schema: JsonSchema): readonly unknown[] | undefined {
  if (schema.enum !== undefined) return schema.enum;
  if ('const' in schema) return [schema.const];
  const parts = schema.anyOf ?? schema.oneOf;
  const values = parts?.map(valuesOf);
  return values?.every((part) => part !== undefined) ? values.flat() : undefined;
}

/** Whether the items of an array are told one by one. */
export function isList(items: JsonSchema['items']): items is readonly JsonSchema[] {
  return Array.isArray(items);
}

/** A schema with every schema inside it replaced. */
export function mapSchema(schema: JsonSchema, change: (part: JsonSchema, field?: string) => JsonSchema): JsonSchema {
  const all = (parts: readonly JsonSchema[]) => parts.map((part) => change(part));
  const each = (parts: Readonly<Record<string, JsonSchema>>) =>
    Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, change(part, name)]));
  return {
    ...schema,
    ...(schema.properties && { properties: each(schema.properties) }),
    ...(schema.patternProperties && { patternProperties: each(schema.patternProperties) }),
    ...(schema.items && { items: isList(schema.items) ? all(schema.items) : change(schema.items) }),
    ...(typeof schema.additionalProperties === 'object' && {
      additionalProperties: change(schema.additionalProperties),
    }),
    ...(schema.anyOf && { anyOf: all(schema.anyOf) }),
    ...(schema.oneOf && { oneOf: all(schema.oneOf) }),
    ...(schema.allOf && { allOf: all(schema.allOf) }),
  };
}
