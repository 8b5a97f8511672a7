import { described, fieldsOf, type JsonSchema, mapSchema, NAMED, nameOf } from '@hubbub/protocol/contract';

/** Objects that are said once and referred to; ids are short enough to stand where they are used. */
const SHARED = new Set(['Room', 'ListedRoom', 'Member', 'RoomMessage', 'DirectMessage', 'Session', 'Error']);

/** The schemas that others refer to, by name. */
export function sharedSchemas(): Record<string, JsonSchema> {
  const entries = Object.entries(NAMED).filter(([name]) => SHARED.has(name));
  return Object.fromEntries(entries.map(([name, schema]) => [name, { title: name, ...described(inner(schema)) }]));
}

/** A schema as it stands in a message: its fields say what they are, what is shared is a reference. */
export function messageSchema(schema: JsonSchema, hints?: Readonly<Record<string, string>>): JsonSchema {
  const referred = refer(schema);
  // A reference has nothing beside it: what this message says of the fields of a shared object is in its text.
  return referred.$ref === undefined ? described(referred, hints) : referred;
}

function refer(schema: JsonSchema): JsonSchema {
  const name = nameOf(schema);
  if (name !== undefined && SHARED.has(name)) return { $ref: `#/components/schemas/${name}` };
  return inner(schema);
}

function inner(schema: JsonSchema): JsonSchema {
  return mapSchema(schema.allOf === undefined ? schema : joined(schema), refer);
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
