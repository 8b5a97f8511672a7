import { fieldsOf, isList, type JsonSchema, mapSchema, nameOf, valuesOf, variantsOf } from './schema.js';
import { FIELD_TEXTS } from './texts/fields.js';

/** What people call the objects that have a name. */
const WORDS: Readonly<Record<string, string>> = {
  ListedRoom: 'room',
  RoomMessage: 'message',
  DirectMessage: 'message',
};

/** The kind of a value in a few words: `integer 1–200`, `public | private`, `[member]`. */
export function kindOf(schema: JsonSchema): string {
  const name = nameOf(schema);
  if (name !== undefined && fieldsOf(schema).length > 0) return WORDS[name] ?? name.toLowerCase();
  const values = valuesOf(schema);
  if (values !== undefined && values.length > 12) return 'string';
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.anyOf ?? schema.oneOf) return variantsOf(schema).map(kindOf).join(' | ');
  if (isList(schema.items)) return `[${schema.items.map(kindOf).join(', ')}]`;
  if (schema.items !== undefined || schema.type === 'array') return `[${kindOf(schema.items ?? {})}]${sizeOf(schema)}`;
  const fields = fieldsOf(schema);
  if (fields.length > 0) return `{${fields.map(({ name, required }) => `${name}${required ? '' : '?'}`).join(', ')}}`;
  if (schema.type === undefined) return 'any JSON';
  return `${Array.isArray(schema.type) ? schema.type.join(' | ') : String(schema.type)}${sizeOf(schema)}`;
}

function sizeOf({ minimum, maximum, minLength, maxLength, minItems, maxItems }: JsonSchema): string {
  const least = minimum ?? minLength ?? minItems;
  const most = maximum ?? maxLength ?? maxItems;
  // As far as numbers go at all: nothing anybody has to know.
  if (most === Number.MAX_SAFE_INTEGER) return '';
  if (most !== undefined) return ` ${least ?? 0}–${most}`;
  return least === undefined || least <= 1 ? '' : ` ≥ ${least}`;
}

/** What a field is, in general and in this message. @param hint what the message itself says of it */
export function fieldText(name: string, schema: JsonSchema, hint?: string): string {
  const general = schema.description ?? FIELD_TEXTS[name] ?? '';
  if (hint === undefined) return general;
  return general === '' ? `${hint}.` : `${general.replace(/\.$/, '')} (${hint}).`;
}

/** A schema whose fields say what they are. @param hints of its own fields, by name */
export function described(schema: JsonSchema, hints: Readonly<Record<string, string>> = {}): JsonSchema {
  return mapSchema(schema, (part, field) => {
    const inner = described(part, field === undefined ? hints : {});
    const text = field === undefined ? '' : fieldText(field, part, hints[field]);
    return text === '' ? inner : { ...inner, description: text };
  });
}
