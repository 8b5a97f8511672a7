import Type from 'typebox';
import { SchemaPipe } from './schema.pipe.js';

describe('SchemaPipe', () => {
  const pipe = new SchemaPipe(Type.Object({ name: Type.String() }));

  it('passes on what is of its schema, unknown fields included', () => {
    const value = { name: 'a', more: 1 };
    expect(pipe.transform(value)).toBe(value);
  });

  it('refuses everything else and names the place, not the value', () => {
    expect(() => pipe.transform({ name: 4711 })).toThrow(
      expect.objectContaining({
        name: 'InvalidFormat',
        details: [expect.objectContaining({ path: '/name' })],
      }) as Error,
    );
  });
});
