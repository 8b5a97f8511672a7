import Type from 'typebox';
import type { JsonSchema } from './schema.js';
import { selfContained } from './self-contained.js';

const Tree = Type.Object({ name: Type.String(), under: Type.Array(Type.Ref('Tree')) });

describe('a schema of an application in a document', () => {
  it('has in place of a reference what it refers to, and anything inside itself', () => {
    expect(JSON.stringify(selfContained(Type.Cyclic({ Tree }, 'Tree')))).toBe(
      JSON.stringify(Type.Object({ name: Type.String(), under: Type.Array(Type.Unknown()) })),
    );
    const inner: JsonSchema = { $ref: '#/$defs/A', $defs: { A: { type: 'null' } } };
    expect(selfContained({ properties: { a: inner } })).toEqual({ properties: { a: { type: 'null' } } });
  });

  it('is anything where it refers to what is elsewhere', () => {
    expect(selfContained(Type.Tuple([Type.Ref('https://example.invalid/a.json')]))).toEqual(
      Type.Tuple([Type.Unknown()]),
    );
  });

  it('stays small, however many refer to each other', () => {
    const names = Array.from({ length: 12 }, (_, n) => `T${n}`);
    const all = Object.fromEntries(names.map((name) => [name, Type.Object({})]));
    for (const name of names) all[name] = Type.Object(Object.fromEntries(names.map((to) => [to, Type.Ref(to)])));
    expect(JSON.stringify(selfContained({ $defs: all, $ref: 'T0' })).length).toBeLessThan(100_000);
  });

  it('lets nobody send what is no JSON', () => {
    expect(selfContained(Type.Object({ n: Type.BigInt({ minimum: 1n }), a: Type.Optional(Type.Undefined()) }))).toEqual(
      Type.Object({ n: Type.Never(), a: Type.Optional(Type.Never()) }),
    );
  });
});
