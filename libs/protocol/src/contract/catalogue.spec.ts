import { COMMANDS, PERMISSIONS, SERVICE_COMMANDS, validate } from '../index.js';
import { type CommandEntry, catalogueOf, FIELD_TEXTS, fieldsOf, type JsonSchema } from './index.js';
import { PERMISSION_TEXTS } from './texts/outcomes.js';
import { SERVICE_TEXTS } from './texts/service-commands.js';
import { COMMON_ERRORS } from './texts/text.js';

const catalogue = catalogueOf();
const commands = [...catalogue.commands, ...catalogue.serviceCommands];
const messages = [...catalogue.pushes, ...catalogue.events];

/** Every field of a schema, with those of its fields and items. */
function everyField(schema: JsonSchema): { name: string; schema: JsonSchema }[] {
  const inner = [...(schema.anyOf ?? []), ...[schema.items ?? []].flat()].flatMap(everyField);
  return [...inner, ...fieldsOf(schema).flatMap((field) => [field, ...everyField(field.schema)])];
}

describe('the texts of documents', () => {
  it.each(commands.map((entry) => [entry.type, entry] as const))(
    'of the command %s have examples of its data and its reply that are valid',
    (_, { data, replyData, example, reply }: CommandEntry) => {
      expect(validate(data, example)).toBe(example);
      expect(validate(replyData, reply)).toBe(reply);
    },
  );

  it.each(messages.map((entry) => [entry.type, entry] as const))(
    'of %s have an example that is valid',
    (_, { data, example }) => {
      expect(validate(data, example)).toBe(example);
    },
  );

  it('show no field in an example that its schema does not have', () => {
    const strange = [
      ...commands.flatMap(({ type, data, example, replyData, reply }) => [
        [type, data, example],
        [type, replyData, reply],
      ]),
      ...messages.map(({ type, data, example }) => [type, data, example]),
    ].flatMap(([type, schema, example]) => {
      const known = new Set(fieldsOf(schema as JsonSchema).map(({ name }) => name));
      return Object.keys(example as object).flatMap((name) => (known.has(name) ? [] : [`${type as string}.${name}`]));
    });
    expect(strange).toEqual([]);
  });

  it('explain every field of every message by its name', () => {
    const schemas = [
      ...commands.flatMap(({ data, replyData }) => [data, replyData]),
      ...messages.map(({ data }) => data),
    ];
    const names = new Set(schemas.flatMap(everyField).map(({ name }) => name));
    expect([...names].filter((name) => !Object.hasOwn(FIELD_TEXTS, name))).toEqual([]);
    expect(Object.keys(FIELD_TEXTS).filter((name) => !names.has(name))).toEqual([]);
  });

  it('say more only of fields that the message has', () => {
    const texts = [
      ...commands.flatMap(({ type, data, fields, replyData, replyFields }) => [
        [type, data, fields],
        [type, replyData, replyFields],
      ]),
      ...messages.map(({ type, data, fields }) => [type, data, fields]),
    ] as [string, JsonSchema, Record<string, string> | undefined][];
    for (const [type, schema, fields] of texts) {
      const known = fieldsOf(schema).map(({ name }) => name);
      for (const name of Object.keys(fields ?? {})) expect([type, ...known]).toContain(name);
    }
  });

  it('are there for exactly the commands of services that clients do not have, and for every permission', () => {
    const own = Object.keys(SERVICE_COMMANDS).filter((name) => !Object.hasOwn(COMMANDS, name));
    expect(Object.keys(SERVICE_TEXTS).sort()).toEqual(own.sort());
    expect(Object.keys(PERMISSION_TEXTS)).toEqual([...PERMISSIONS]);
  });

  it('name each error of a command once', () => {
    for (const { type, errors } of commands) {
      expect([type, ...errors]).toEqual([type, ...new Set(errors)]);
      expect(errors).toEqual(expect.arrayContaining([...COMMON_ERRORS]));
    }
  });
});

describe('a catalogue', () => {
  const roll = {
    type: 'roll',
    replyType: 'rolled',
    contract: { schema: { type: 'object' }, reply: null, streams: true, permissions: ['roll:dice'], summary: 'Rolls.' },
  };

  it('has what the gateway serves and nothing else, whatever the order', () => {
    const contract = { ...roll.contract, schema: null, streams: false };
    const ping = { ...roll, type: 'ping', replyType: 'pong', contract };
    const other = { ...roll, type: 'bet' };
    const types = (served: (typeof roll)[]) => catalogueOf(served as never).commands.map(({ type }) => type);
    expect(types([roll, ping as never, other])).toEqual(['ping', 'bet', 'roll']);
    expect(types([other, roll, ping as never])).toEqual(['ping', 'bet', 'roll']);
  });

  it('tells of a command that an application has replaced what the application says of it', () => {
    const own = { ...roll, type: 'ping' };
    expect(catalogueOf([own]).commands).toEqual([
      expect.objectContaining({ type: 'ping', isBuiltIn: false, summary: 'Rolls.', data: roll.contract.schema }),
    ]);
  });

  it('tells of a handler of an application what its decorators say', () => {
    const [entry] = catalogueOf([roll]).commands;
    expect(entry).toMatchObject({
      type: 'roll',
      summary: 'Rolls.',
      isBuiltIn: false,
      streams: true,
      permissions: ['roll:dice'],
      replyType: 'done',
    });
    expect(entry?.errors).toContain('Forbidden');
  });
});
