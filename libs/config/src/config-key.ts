import { isValid } from '@hubbub/protocol';
import type { TSchema } from 'typebox';
import { camelCase } from './camel-case.js';
import { ConfigSchema } from './schema.js';

/** The JSON Schema keywords that `schema.ts` uses. */
interface SchemaWords extends TSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly properties?: Readonly<Record<string, SchemaWords>>;
  readonly patternProperties?: object;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly default?: unknown;
  readonly unit?: string;
  readonly reload?: boolean;
  readonly secret?: boolean;
  readonly description?: string;
  readonly defaultNote?: string;
}

export type ConfigKind = 'boolean' | 'integer' | 'list' | 'map' | 'text';

/** One key of the configuration, a leaf of the schema. */
export interface ConfigKey {
  /** `limits.flush_ms` */
  readonly name: string;
  /** `['limits', 'flush_ms']` */
  readonly path: readonly string[];
  /** `HUBBUB_LIMITS_FLUSH_MS` */
  readonly variable: string;
  readonly kind: ConfigKind;
  /** undefined: the key may be left unset */
  readonly default: unknown;
  readonly defaultNote: string | undefined;
  readonly unit: string | undefined;
  /** Whether a change takes effect without a restart. */
  readonly reload: boolean;
  /** Whether the value is never shown. */
  readonly secret: boolean;
  readonly description: string;
  /** `an integer from 0 to 1000 (ms)` */
  readonly expected: string;
  accepts(value: unknown): boolean;
}

/** How names are written: in the file, or in code. */
export type Naming = (name: string) => string;
export const snakeNames: Naming = (name) => name;
export const camelNames: Naming = camelCase;

export type KeyTree = ReadonlyMap<string, KeyTree | ConfigKey>;

export function isKey(node: KeyTree | ConfigKey): node is ConfigKey {
  return 'accepts' in node;
}

function kindOf(schema: SchemaWords): ConfigKind {
  if (schema.type === 'integer' || schema.type === 'boolean') return schema.type;
  if (schema.type === 'array') return 'list';
  return schema.type === 'object' ? 'map' : 'text';
}

function expectation(schema: SchemaWords): string {
  const unit = schema.unit === undefined ? '' : ` (${schema.unit})`;
  switch (kindOf(schema)) {
    case 'integer':
      return `an integer from ${schema.minimum} to ${schema.maximum}${unit}`;
    case 'boolean':
      return 'true or false';
    case 'list':
      return 'a list of texts';
    case 'map':
      return 'lists of texts by name';
    case 'text':
      if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`;
      return schema.pattern === undefined ? 'a text that is not empty' : `a text like ${schema.pattern}`;
  }
}

function makeKey(path: readonly string[], schema: SchemaWords): ConfigKey {
  return {
    name: path.join('.'),
    path,
    variable: `HUBBUB_${path.join('_').toUpperCase()}`,
    kind: kindOf(schema),
    default: schema.default,
    defaultNote: schema.defaultNote,
    unit: schema.unit,
    reload: schema.reload ?? false,
    secret: schema.secret ?? false,
    description: schema.description ?? '',
    expected: expectation(schema),
    accepts: (value) => isValid(schema, value),
  };
}

function makeTree(schema: SchemaWords, path: readonly string[]): KeyTree {
  return new Map(
    Object.entries(schema.properties ?? {}).map(([name, child]) => {
      const childPath = [...path, name];
      return [name, child.properties === undefined ? makeKey(childPath, child) : makeTree(child, childPath)] as const;
    }),
  );
}

function leaves(tree: KeyTree): ConfigKey[] {
  return [...tree.values()].flatMap((node) => (isKey(node) ? [node] : leaves(node)));
}

/** The schema as a tree of keys. */
export const KEY_TREE: KeyTree = makeTree(ConfigSchema, []);
/** Every key, in the order of the schema. */
export const CONFIG_KEYS: readonly ConfigKey[] = leaves(KEY_TREE);
