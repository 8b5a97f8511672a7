import { type JsonSchema, mapSchema } from './schema.js';

type Definitions = Readonly<Record<string, JsonSchema>>;

const JSON_TYPES = new Set(['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']);
const NOTHING: JsonSchema = { not: {} };
/** How deep schemas that refer to each other are written out: ten that do so in every way would be millions. */
const DEEPEST = 3;

/**
 * A schema of an application as it can stand in any document: in place of a reference is what it refers to, one inside itself
 * is anything, and so is what is elsewhere. Nobody can send what JSON has no type for.
 */
export function selfContained(schema: JsonSchema, known: Definitions = {}, within: readonly string[] = []): JsonSchema {
  // An id in two places names two things.
  const { $defs, $ref, $id: _, ...rest } = schema;
  const all = { ...known, ...$defs };
  if ($ref !== undefined) {
    const name = $ref.replace(/^#\/\$defs\//, '');
    const isOver = within.includes(name) || within.length === DEEPEST || !Object.hasOwn(all, name);
    return isOver ? {} : selfContained(all[name] ?? {}, all, [...within, name]);
  }
  if (typeof rest.type === 'string' && !JSON_TYPES.has(rest.type)) return NOTHING;
  return mapSchema(rest, (part) => selfContained(part, all, within));
}
