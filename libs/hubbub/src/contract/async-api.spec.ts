import { CLOSE, COMMANDS, ERRORS, EVENTS, PUSHES, SERVICE_COMMANDS } from '@hubbub/protocol';
import { builtInCommands, catalogueOf, type SpokenCommand } from '@hubbub/protocol/contract';
import { Ajv } from 'ajv';
import { asyncApiOf } from './async-api.js';

const roll: SpokenCommand = {
  type: 'dice:roll',
  replyType: 'dice:roll_reply',
  contract: {
    schema: { type: 'object', properties: { sides: { type: 'integer', minimum: 2 } }, required: ['sides'] },
    reply: { type: 'object', properties: { value: { type: 'integer' } }, required: ['value'] },
    streams: true,
    permissions: ['roll:dice'],
    summary: 'Rolls dice.',
  },
};

const document = asyncApiOf(catalogueOf([...builtInCommands(), roll]), { version: '0.1.0', wsPath: '/ws', port: 8080 });
const { channels, operations, components, ...rest } = document as {
  channels: Record<string, { address: string | null; messages: object }>;
  operations: Record<string, { action: string }>;
  components: { messages: Record<string, { examples?: { payload: unknown }[]; payload: object }>; schemas: object };
};
const typesOf = (kind: string, keys: object) =>
  Object.keys(keys).flatMap((key) => (key.startsWith(`${kind}.`) ? [key.slice(kind.length + 1)] : []));

describe('the AsyncAPI document', () => {
  it('has every command, reply, push, event and command of services of the code, and those of the application', () => {
    const commands = [...Object.keys(COMMANDS), 'dice-3a-roll'];
    expect(typesOf('command', operations).sort()).toEqual(commands.sort());
    expect(typesOf('command', components.messages).sort()).toEqual(commands.sort());
    const answered = Object.entries(COMMANDS).flatMap(([type, { reply, ...spec }]) =>
      reply === null || 'streams' in spec ? [] : [type],
    );
    expect(typesOf('reply', components.messages).sort()).toEqual(answered.sort());
    expect(typesOf('item', components.messages).sort()).toEqual(['dice-3a-roll', 'tap']);
    expect(typesOf('push', operations).sort()).toEqual(Object.keys(PUSHES).sort());
    expect(typesOf('event', operations).sort()).toEqual(Object.keys(EVENTS).sort());
    for (const kind of ['request', 'response']) {
      expect(typesOf(kind, components.messages).sort()).toEqual(Object.keys(SERVICE_COMMANDS).sort());
    }
  });

  it('has every error and close of the code', () => {
    const { 'x-hubbub-errors': errors, 'x-hubbub-closes': closes } = rest as unknown as Record<
      string,
      { code: number }[]
    >;
    expect(errors?.map(({ code }) => code)).toEqual(Object.values(ERRORS).map(({ code }) => code));
    expect(closes?.map(({ code }) => code)).toEqual(Object.values(CLOSE).map(({ code }) => code));
  });

  it('names the subject of each event and command of services', () => {
    expect(channels['event.room_message']?.address).toBe('hubbub.evt.room.{key}.room_message');
    expect(channels['event.room_message.ephemeral']?.address).toBe('hubbub.eph.room.{key}.room_message');
    expect(channels['request.create_room']?.address).toBe('hubbub.cmd.create_room');
  });

  it('names every payload and what it carries, each by a name of its own, as generators of code want', () => {
    const titles = Object.values(components.messages).flatMap(({ payload }) => {
      const { title, properties = {} } = payload as { title?: string; properties?: Record<string, { title?: string }> };
      return [title, ...['data', 'response'].flatMap((name) => properties[name]?.title ?? [])];
    });
    expect(titles).toEqual(
      expect.arrayContaining(['JoinRoomCommand', 'JoinRoomCommandData', 'DiceRollItem', 'DoneFrame']),
    );
    expect(titles.filter((title) => title === undefined)).toEqual([]);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('keeps types apart that differ only in what keys may not have', () => {
    const odd = [':', '-3a-'].map((type) => ({ ...roll, type, replyType: `${type}_reply` }));
    const both = asyncApiOf(catalogueOf(odd), { version: '0.1.0', wsPath: '/ws', port: 8080 }) as typeof document & {
      operations: object;
    };
    expect(typesOf('command', both.operations)).toHaveLength(2);
  });

  it('has an example of every built-in message, and each is of its schema', () => {
    const ajv = new Ajv({ strict: false, unicodeRegExp: true });
    ajv.addSchema({ $id: 'document', components });
    const without = Object.entries(components.messages).flatMap(([key, { examples = [], payload }]) => {
      const resolved = JSON.parse(JSON.stringify(payload).replaceAll('"#/', '"document#/')) as object;
      for (const example of examples) {
        expect([key, ajv.validate(resolved, example.payload), ajv.errorsText()]).toEqual([key, true, 'No errors']);
      }
      return examples.length === 0 ? [key] : [];
    });
    expect(without).toEqual(['command.dice-3a-roll', 'item.dice-3a-roll']);
  });
});
