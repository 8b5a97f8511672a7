import { isList, type JsonSchema, variantsOf } from './schema.js';

/** Which way a message goes: what the gateway takes, or what it sends. */
export type Direction = 'input' | 'output';

/** One difference that breaks somebody, at a place in a message. */
export interface Fault {
  /** `data.room.name`; empty for the whole. */
  readonly path: string;
  readonly what: string;
}

/**
 * What a change of a canonical schema breaks. Of an input: whatever was taken and is not any more. Of an output: whatever a
 * reader relied on, or could not know.
 */
export function compareSchemas(before: JsonSchema, after: JsonSchema, direction: Direction, path = ''): Fault[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const [narrow, wide] = direction === 'input' ? [before, after] : [after, before];
  const others = variantsOf(wide);
  const faults = variantsOf(narrow).flatMap((variant) => {
    // Of the alternatives that are of its kind, the one that comes closest tells most.
    const attempts = others
      .filter((other) => takesTypesOf(other, variant))
      .map((other) =>
        direction === 'input'
          ? compareVariants(variant, other, direction, path)
          : compareVariants(other, variant, direction, path),
      );
    if (attempts.length === 0) return [{ path, what: otherType(before, after, direction) }];
    return attempts.reduce((best, attempt) => (attempt.length < best.length ? attempt : best));
  });
  return [...new Map(faults.map((fault) => [`${fault.path} ${fault.what}`, fault])).values()];
}

function compareVariants(before: JsonSchema, after: JsonSchema, direction: Direction, path: string): Fault[] {
  return [
    ...valueFaults(before, after, direction, path),
    ...(direction === 'input' ? limitFaults(before, after, path) : []),
    ...fieldFaults(before, after, direction, path),
    ...partFaults(before, after, direction, path),
    ...otherFaults(before, after, direction, path),
  ];
}

const JSON_TYPES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

function typesOf(schema: JsonSchema): readonly string[] {
  if (schema.$ref === '#/errors') return ['string'];
  if (schema.enum !== undefined) return [...new Set(schema.enum.map(typeOfValue))];
  if (schema.type === undefined) return JSON_TYPES;
  return typeof schema.type === 'string' ? [schema.type] : schema.type;
}

function typeOfValue(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

function takesTypesOf(wide: JsonSchema, narrow: JsonSchema): boolean {
  const taken = typesOf(wide);
  return typesOf(narrow).every((type) => taken.includes(type) || (type === 'integer' && taken.includes('number')));
}

function otherType(before: JsonSchema, after: JsonSchema, direction: Direction): string {
  const [from, to] = [before, after].map((schema) =>
    [...new Set(variantsOf(schema).flatMap(typesOf))].sort().join('|'),
  );
  return `${direction === 'input' ? 'takes another type' : 'is of another type'}: ${from} → ${to}`;
}

function valueFaults(before: JsonSchema, after: JsonSchema, direction: Direction, path: string): Fault[] {
  const [narrow, wide] = direction === 'input' ? [before, after] : [after, before];
  if (wide.$ref !== undefined && narrow.$ref !== wide.$ref) {
    return [
      { path, what: `${direction === 'input' ? 'takes only some values now' : 'may be any value now'}: ${wide.$ref}` },
    ];
  }
  if (wide.enum === undefined) return [];
  const known = new Set(wide.enum.map((value) => JSON.stringify(value)));
  if (narrow.enum === undefined) {
    const what = direction === 'input' ? 'takes only some values now' : 'may be any value now';
    return [{ path, what: `${what}: ${[...known].join(', ')}` }];
  }
  const missing = narrow.enum.map((value) => JSON.stringify(value)).filter((value) => !known.has(value));
  const verb = direction === 'input' ? 'value no longer taken' : 'new value';
  return missing.map((value) => ({ path, what: `${verb}: ${value}` }));
}

const LOWEST = ['minimum', 'minLength', 'minItems', 'exclusiveMinimum', 'minProperties'] as const;
const HIGHEST = ['maximum', 'maxLength', 'maxItems', 'exclusiveMaximum', 'maxProperties'] as const;
const FORMS = ['pattern', 'format', 'multipleOf', 'uniqueItems'] as const;

/** Only inputs have them: what is sent within wider limits is still read. */
function limitFaults(before: JsonSchema, after: JsonSchema, path: string): Fault[] {
  const [old, now] = [before, after] as Record<string, unknown>[] as [Record<string, unknown>, Record<string, unknown>];
  const told = (key: string) => ({ path, what: `${key} is narrower: ${show(old[key])} → ${show(now[key])}` });
  const limit = (key: string, none: number) => (now[key] === undefined ? none : Number(now[key]));
  const was = (key: string, none: number) => (old[key] === undefined ? none : Number(old[key]));
  return [
    ...LOWEST.filter((key) => limit(key, -Infinity) > was(key, -Infinity)).map(told),
    ...HIGHEST.filter((key) => limit(key, Infinity) < was(key, Infinity)).map(told),
    // Whether one pattern takes what another does cannot be told: any other one is taken for narrower.
    ...FORMS.filter((key) => now[key] !== undefined && now[key] !== old[key]).map(told),
  ];
}

function show(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value);
}

function fieldFaults(before: JsonSchema, after: JsonSchema, direction: Direction, path: string): Fault[] {
  const [old, now] = [before.properties ?? {}, after.properties ?? {}];
  const [wasNeeded, isNeeded] = [new Set(before.required), new Set(after.required)];
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  const removed = Object.keys(old).filter((name) => !Object.hasOwn(now, name));
  const kept = Object.keys(old).filter((name) => Object.hasOwn(now, name));
  const demanded = [...isNeeded].filter((name) => !wasNeeded.has(name));
  const loosened = kept.filter((name) => wasNeeded.has(name) && !isNeeded.has(name));
  return [
    ...removed.map((name) => ({ path: at(name), what: `removed ${direction} field` })),
    ...(direction === 'input' ? demanded : []).map((name) => ({
      path: at(name),
      what: Object.hasOwn(old, name) ? 'input field made required' : 'new required input field',
    })),
    ...(direction === 'input' && after.additionalProperties === false && before.additionalProperties !== false
      ? [{ path, what: 'takes no other fields now' }]
      : []),
    ...(direction === 'output' ? loosened : []).map((name) => ({ path: at(name), what: 'output field made optional' })),
    ...kept.flatMap((name) => compareSchemas(old[name] ?? {}, now[name] ?? {}, direction, at(name))),
  ];
}

function partFaults(before: JsonSchema, after: JsonSchema, direction: Direction, path: string): Fault[] {
  const [old, now] = [before, after].map(partsOf) as [Parts, Parts];
  const isClosed = direction === 'input' && isList(after.items) && after.additionalItems === false;
  return Object.keys({ ...old, ...now }).flatMap((name) =>
    isClosed && now[name] === undefined
      ? [{ path: `${path}${name}`, what: 'removed input item' }]
      : compareSchemas(old[name] ?? {}, now[name] ?? {}, direction, `${path}${name}`),
  );
}

type Parts = Readonly<Record<string, JsonSchema>>;

/** Schemas of what has no name: the items of a list, and the fields of an object that has any. */
function partsOf({ items, patternProperties = {}, additionalProperties }: JsonSchema): Parts {
  const byPosition = isList(items) ? items.map((item, at) => [`[${at}]`, item] as const) : [];
  // TypeBox writes a record as the one, class-validator as the other.
  const others = typeof additionalProperties === 'object' ? { [ANY_NAME]: additionalProperties } : {};
  const byName = Object.entries({ ...patternProperties, ...others });
  return Object.fromEntries([
    ...(items === undefined || isList(items) ? byPosition : [['[]', items] as const]),
    ...byName.map(([pattern, field]) => [pattern === ANY_NAME ? '.*' : `.<${pattern}>`, field] as const),
  ]);
}

const ANY_NAME = '^.*$';
/** What is not looked into. */
const OTHERS = [
  ...['$defs', 'definitions', 'allOf', 'if', 'then', 'else', 'prefixItems', 'contains', 'propertyNames'],
  ...['dependentRequired', 'dependentSchemas', 'dependencies', 'additionalItems', 'unevaluatedItems'],
  ...['unevaluatedProperties', 'minContains', 'maxContains'],
];

/** Whether they still fit each other cannot be told: another one is taken for a break, rather than passed over. */
function otherFaults(before: JsonSchema, after: JsonSchema, direction: Direction, path: string): Fault[] {
  const [from, to] = [before, after] as Record<string, unknown>[] as [Record<string, unknown>, Record<string, unknown>];
  const [loose, strict] = direction === 'input' ? [from, to] : [to, from];
  return OTHERS.filter(
    (key) => strict[key] !== undefined && JSON.stringify(strict[key]) !== JSON.stringify(loose[key]),
  ).map((key) => ({ path, what: `${key} is another` }));
}
