import {
  type CommandEntry,
  described,
  fieldsOf,
  isMergeable,
  type JsonSchema,
  mapSchema,
  NAMED,
  nameOf,
} from '@hubbub/protocol/contract';

/** Objects that are said once and referred to; ids are short enough to stand where they are used. */
const SHARED = new Set(['Room', 'ListedRoom', 'Member', 'RoomMessage', 'DirectMessage', 'Session', 'Error']);

/** The schemas that others refer to, by name. */
export function sharedSchemas(): Record<string, JsonSchema> {
  const entries = Object.entries(NAMED).filter(([name]) => SHARED.has(name));
  return Object.fromEntries(entries.map(([name, schema]) => [name, { title: name, ...described(inner(schema)) }]));
}

/** What is said of the fields of a message, by their names. */
export type Hints = Readonly<Record<string, string>>;

/** What fields of Hubbub mean by their names, those of an application need not. */
export function hintsOf({ isBuiltIn }: CommandEntry, hints?: Hints): Hints | null | undefined {
  return isBuiltIn ? hints : null;
}

/**
 * A schema as it stands in a message: its fields say what they are, what is shared is a reference.
 * @param hints null for a message of the application, whose fields are told of by its own schema alone
 */
export function messageSchema(schema: JsonSchema, hints?: Hints | null): JsonSchema {
  const referred = refer(schema);
  if (hints === null) return referred;
  // A reference has nothing beside it: what this message says of the fields of a shared object is in its text.
  return referred.$ref === undefined ? described(referred, hints) : referred;
}

function refer(schema: JsonSchema): JsonSchema {
  const name = nameOf(schema);
  if (name !== undefined && SHARED.has(name)) return { $ref: `#/components/schemas/${name}` };
  return inner(schema);
}

function inner(schema: JsonSchema): JsonSchema {
  return mapSchema(schema.allOf !== undefined && isMergeable(schema) ? joined(schema) : schema, refer);
}

/** An intersection as the one object that it means. */
function joined(schema: JsonSchema): JsonSchema {
  const fields = fieldsOf(schema);
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
    required: fields.filter(({ required }) => required).map(({ name }) => name),
  };
}
