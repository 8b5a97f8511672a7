import Type from 'typebox';
import { ERRORS } from '../errors.js';
import { compareSchemas, type Direction } from './compare-schemas.js';
import { canonical } from './contract.js';

const T = Type;
const object = (properties: Record<string, Type.TSchema>) => T.Object(properties);
const literals = (...values: string[]) => T.Union(values.map((value) => T.Literal(value)));
const ANY = '[1]: is of another type: null → array|boolean|integer|null|number|object|string';
const nullable = (schema: Type.TSchema) => T.Union([schema, T.Null()]);

/** [what changes, before, after, faults of an input, faults of an output] */
const RULES: [string, Type.TSchema, Type.TSchema, string[], string[]][] = [
  ['nothing', object({ a: T.String() }), object({ a: T.String() }), [], []],
  ['a text', T.String(), T.String({ description: 'x', examples: ['y'], default: 'z' }), [], []],
  ['the order of fields', object({ a: T.String(), b: T.Null() }), object({ b: T.Null(), a: T.String() }), [], []],
  ['how choices are written', literals('a', 'b'), T.Enum(['b', 'a']), [], []],
  [
    'how an object is written',
    T.Intersect([object({ a: T.String() }), object({ b: T.Null() })]),
    object({ a: T.String(), b: T.Null() }),
    [],
    [],
  ],

  ['an optional field is added', object({}), object({ a: T.Optional(T.String()) }), [], []],
  ['a required field is added', object({}), object({ a: T.String() }), ['a: new required input field'], []],
  [
    'a field is removed',
    object({ a: T.Optional(T.String()) }),
    object({}),
    ['a: removed input field'],
    ['a: removed output field'],
  ],
  [
    'a field is made required',
    object({ a: T.Optional(T.String()) }),
    object({ a: T.String() }),
    ['a: input field made required'],
    [],
  ],
  [
    'a field is made optional',
    object({ a: T.String() }),
    object({ a: T.Optional(T.String()) }),
    [],
    ['a: output field made optional'],
  ],

  [
    'the type is another',
    T.String(),
    T.Integer(),
    ['takes another type: string → integer'],
    ['is of another type: string → integer'],
  ],
  ['integers become numbers', T.Integer(), T.Number(), [], ['is of another type: integer → number']],
  ['numbers become integers', T.Number(), T.Integer(), ['takes another type: number → integer'], []],
  ['null is let in', T.String(), nullable(T.String()), [], ['is of another type: string → null|string']],
  ['null is left out', nullable(T.String()), T.String(), ['takes another type: null|string → string'], []],
  [
    'anything becomes a string',
    T.Unknown(),
    T.String(),
    ['takes another type: array|boolean|integer|null|number|object|string → string'],
    [],
  ],
  [
    'a string becomes anything',
    T.String(),
    T.Unknown(),
    [],
    ['is of another type: string → array|boolean|integer|null|number|object|string'],
  ],

  ['a choice is added', literals('a', 'b'), literals('a', 'b', 'c'), [], ['new value: "c"']],
  ['a choice is removed', literals('a', 'b', 'c'), literals('a', 'b'), ['value no longer taken: "c"'], []],
  ['a string becomes a choice', T.String(), literals('a'), ['takes only some values now: "a"'], []],
  ['a choice becomes a string', literals('a'), T.String(), [], ['may be any value now: "a"']],

  ['a maximum is lowered', T.Integer({ maximum: 9 }), T.Integer({ maximum: 8 }), ['maximum is narrower: 9 → 8'], []],
  ['a maximum is raised', T.Integer({ maximum: 8 }), T.Integer({ maximum: 9 }), [], []],
  ['a maximum is added', T.Integer(), T.Integer({ maximum: 8 }), ['maximum is narrower: none → 8'], []],
  ['a maximum is removed', T.Integer({ maximum: 8 }), T.Integer(), [], []],
  ['a minimum is raised', T.Integer({ minimum: 0 }), T.Integer({ minimum: 1 }), ['minimum is narrower: 0 → 1'], []],
  ['a text may be shorter', T.String({ minLength: 2 }), T.String({ minLength: 1 }), [], []],
  [
    'a text must be shorter',
    T.String({ maxLength: 64 }),
    T.String({ maxLength: 32 }),
    ['maxLength is narrower: 64 → 32'],
    [],
  ],
  [
    'a list must be shorter',
    T.Array(T.String()),
    T.Array(T.String(), { maxItems: 5 }),
    ['maxItems is narrower: none → 5'],
    [],
  ],
  [
    'a pattern is another',
    T.String({ pattern: '^a$' }),
    T.String({ pattern: '^b$' }),
    ['pattern is narrower: "^a$" → "^b$"'],
    [],
  ],
  ['a pattern is removed', T.String({ pattern: '^a$' }), T.String(), [], []],

  [
    'something deep',
    object({ list: T.Array(object({ a: T.Optional(T.String()) })) }),
    object({ list: T.Array(object({ a: T.Integer() })) }),
    ['list[].a: input field made required', 'list[].a: takes another type: string → integer'],
    ['list[].a: is of another type: string → integer'],
  ],
  [
    'other fields are refused',
    object({}),
    T.Object({}, { additionalProperties: false }),
    ['takes no other fields now'],
    [],
  ],
  ['other fields are let in', T.Object({}, { additionalProperties: false }), object({}), [], []],
  ['an error name becomes any string', T.Enum(Object.keys(ERRORS)), T.String(), [], ['may be any value now: #/errors']],
  [
    'what a record holds',
    T.Record(T.String(), T.String()),
    T.Record(T.String(), T.Boolean()),
    ['.*: takes another type: string → boolean'],
    ['.*: is of another type: string → boolean'],
  ],
  [
    'one of several alternatives',
    T.Union([T.String({ maxLength: 64 }), T.Integer()]),
    T.Union([T.String({ maxLength: 32 }), T.Integer()]),
    ['maxLength is narrower: 64 → 32'],
    [],
  ],

  [
    'an alternative within an alternative',
    T.Union([nullable(T.String()), T.Array(T.String())]),
    T.Union([nullable(T.Integer()), T.Array(T.String())]),
    ['takes another type: array|null|string → array|integer|null'],
    ['is of another type: array|null|string → array|integer|null'],
  ],
  [
    'nothing is left',
    object({ a: T.Optional(T.String()) }),
    object({ a: T.Optional(T.Never()) }),
    ['a: takes another type: string → '],
    [],
  ],
  [
    'a place in a list of places',
    T.Tuple([T.String(), T.Integer()]),
    T.Tuple([T.String(), T.Null()]),
    ['[1]: takes another type: integer → null'],
    ['[1]: is of another type: integer → null'],
  ],
  ['a place is removed', T.Tuple([T.String(), T.Null()]), T.Tuple([T.String()]), ['[1]: removed input item'], [ANY]],
  [
    'fields by their patterns',
    T.Unsafe({ type: 'object', patternProperties: { '^a': { type: 'null' }, '^b': { type: 'null' } } }),
    T.Unsafe({ type: 'object', patternProperties: { '^a': { type: 'null' }, '^b': { type: 'string' } } }),
    ['.<^b>: takes another type: null → string'],
    ['.<^b>: is of another type: null → string'],
  ],
  [
    'an object that has alternatives besides',
    T.Intersect([object({ a: T.String() }), T.Union([object({ b: T.String() }), object({ c: T.Null() })])]),
    T.Intersect([object({ a: T.Null() }), T.Union([object({ b: T.String() }), object({ c: T.Null() })])]),
    ['allOf is another'],
    ['allOf is another'],
  ],
  [
    'fields that need each other',
    T.Unsafe({ type: 'object', properties: { a: {}, b: {} } }),
    T.Unsafe({ type: 'object', properties: { a: {}, b: {} }, anyOf: [{ required: ['a'] }, { required: ['b'] }] }),
    ['allOf is another'],
    [],
  ],
  [
    'what is referred to',
    T.Unsafe({ $ref: '#/$defs/A', $defs: { A: { type: 'string', description: 'x' } } }),
    T.Unsafe({ $ref: '#/$defs/A', $defs: { A: { type: 'null' } } }),
    ['$defs is another'],
    ['$defs is another'],
  ],
  ['only the text of that', T.Unsafe({ $defs: { A: { title: 'x' } } }), T.Unsafe({ $defs: { A: {} } }), [], []],
  ['what is not looked into', T.Array(T.Null()), T.Array(T.Null(), { contains: {} }), ['contains is another'], []],
];

describe('what a change of a schema breaks', () => {
  it.each(RULES)('%s', (_, before, after, input, output) => {
    const told = (direction: Direction) =>
      compareSchemas(canonical(before), canonical(after), direction).map(({ path, what }) =>
        path === '' ? what : `${path}: ${what}`,
      );
    expect(told('input')).toEqual(input);
    expect(told('output')).toEqual(output);
  });
});
