import SwaggerParser from '@apidevtools/swagger-parser';
import { Parser } from '@asyncapi/parser';
import { RequirePermissions } from '@hubbub/auth';
import { COMMANDS } from '@hubbub/protocol';
import { type Contract, catalogueOf, compareContracts, contractOf } from '@hubbub/protocol/contract';
import { startGateway, type TestGateway } from '@hubbub/testing';
import { CommandTable, DtoPipe, Replies, SchemaPipe, Summary } from '@hubbub/transport';
import { Body, Controller, Post } from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Ajv } from 'ajv';
import { IsInt, IsString, Length, Max, Min } from 'class-validator';
import Type, { type Static } from 'typebox';
import { httpRoutes } from './http-routes.js';

const Roll = Type.Object({ sides: Type.Integer({ minimum: 2, maximum: 100 }) });
const Rolled = Type.Object({ value: Type.Integer() });

/** Schemas that are more than an object with fields. */
const Menu = Type.Cyclic(
  { Menu: Type.Object({ type: Type.String(), under: Type.Optional(Type.Array(Type.Ref('Menu'))) }) },
  'Menu',
);
const Seat = Type.Intersect([
  Type.Object({ place: Type.Tuple([Type.Integer(), Type.Integer()]) }),
  Type.Union([Type.Object({ guest: Type.String() }), Type.Object({ table: Type.BigInt({ minimum: 1n }) })]),
]);

class OrderDto {
  @IsString()
  @Length(1, 40)
  dish!: string;

  @IsInt()
  @Min(1)
  @Max(9)
  count!: number;
}

@WebSocketGateway()
class ShopGateway {
  @SubscribeMessage('roll')
  @Summary('Rolls a die until it is told to stop.')
  @Replies(Rolled, { stream: true })
  async *roll(@MessageBody(new SchemaPipe(Roll)) { sides }: Static<typeof Roll>) {
    yield { value: sides };
  }

  @SubscribeMessage('seat')
  @Replies(Menu)
  seat(@MessageBody(new SchemaPipe(Seat)) _seat: Static<typeof Seat>) {
    return { type: 'lunch' };
  }

  @SubscribeMessage('shop:order')
  @RequirePermissions('order:food')
  order(@MessageBody(DtoPipe) order: OrderDto) {
    return { ordered: order.count };
  }
}

@Controller('shop')
class ShopController {
  @Post()
  sell(@Body() body: object) {
    return body;
  }
}

interface AsyncApi {
  readonly operations: Record<string, { 'x-permissions'?: string[]; reply?: { messages: { $ref: string }[] } }>;
  readonly components: {
    readonly messages: Record<string, { summary?: string; payload: { properties: { data: object } } }>;
  };
}
type Operation = Record<string, Record<string, { content?: object; example?: unknown }>>;

describe('the documents of an application', () => {
  let gateway: TestGateway;
  const read = async <T>(name: string) => (await gateway.fetch<T>('GET', `/docs/${name}`)).body;

  beforeAll(async () => {
    const shop = { module: class Shop {}, controllers: [ShopController] };
    gateway = await startGateway({ providers: [ShopGateway], imports: [shop] });
  });
  afterAll(() => gateway.close());

  // The parsers take seconds of a core, and there may be other suites on it.
  it('are a valid AsyncAPI document', async () => {
    const { diagnostics } = await new Parser().parse((await gateway.fetch('GET', '/docs/asyncapi.json')).text);
    // That there is a later version of AsyncAPI is no fault.
    expect(diagnostics.filter(({ code }) => code !== 'asyncapi-latest-version')).toEqual([]);
  }, 120_000);

  it('are a valid OpenAPI document', async () => {
    const document = await read<never>('openapi.json');
    await expect(SwaggerParser.validate(document)).resolves.toMatchObject({ openapi: '3.1.0' });
  }, 120_000);

  it('have every message type that the gateway accepts, and no other', async () => {
    const { operations } = await read<AsyncApi>('asyncapi.json');
    const { routes } = gateway.app.get(CommandTable, { strict: false });
    const commands = Object.keys(operations).flatMap((key) => (key.startsWith('command.') ? [key.slice(8)] : []));
    expect(commands.sort()).toEqual([...routes.keys()].map((type) => type.replace(':', '-3a-')).sort());
    expect([...routes.keys()]).toEqual(expect.arrayContaining([...Object.keys(COMMANDS), 'roll', 'shop:order']));
  });

  it('say what a gateway of the application takes by its TypeBox schema, and what it streams', async () => {
    const { operations, components } = await read<AsyncApi>('asyncapi.json');
    expect(components.messages['command.roll']).toMatchObject({
      summary: 'Rolls a die until it is told to stop.',
      payload: { properties: { data: { properties: { sides: { type: 'integer', minimum: 2, maximum: 100 } } } } },
    });
    expect(components.messages['item.roll']?.payload.properties.data).toMatchObject({
      properties: { value: { type: 'integer' } },
    });
    expect(operations['command.roll']?.reply?.messages.map(({ $ref }) => $ref.split('/').at(-1))).toEqual([
      'item.roll',
      'done',
      'error',
    ]);
  });

  it('say nothing of its fields that it does not say itself, and leave nothing out', async () => {
    const { components } = await read<AsyncApi>('asyncapi.json');
    const dataOf = (message: string) => components.messages[message]?.payload.properties.data;
    expect(dataOf('reply.seat')).toEqual({
      title: 'SeatReplyData',
      type: 'object',
      required: ['type'],
      properties: { type: { type: 'string' }, under: { type: 'array', items: {} } },
    });
    expect(dataOf('command.seat')).toMatchObject({
      allOf: [
        { properties: { place: { items: [{ type: 'integer' }, { type: 'integer' }] } } },
        { anyOf: [{ properties: { guest: { type: 'string' } } }, { properties: { table: { not: {} } } }] },
      ],
    });
    const { text } = await gateway.fetch('GET', '/docs/messages');
    const article = /<article id="command-seat">.*?<\/article>/s.exec(text)?.[0];
    expect(article).toContain('<code>type</code>');
    expect(article).not.toContain('Type of the push.');
  });

  it('say what it takes by a class of class-validator, and which permission it needs', async () => {
    const { operations, components } = await read<AsyncApi>('asyncapi.json');
    expect(components.messages['command.shop-3a-order']?.payload.properties.data).toMatchObject({
      properties: {
        dish: { type: 'string', minLength: 1, maxLength: 40 },
        count: { type: 'integer', minimum: 1, maximum: 9 },
      },
      required: ['dish', 'count'],
    });
    expect(operations['command.shop-3a-order']?.['x-permissions']).toEqual(['order:food']);
  });

  it('tell every route of Hubbub with summary, errors, security and a valid example, and leave those of the application', async () => {
    const { paths, components } = await read<{ paths: Record<string, Record<string, Operation>>; components: object }>(
      'openapi.json',
    );
    const told = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
    );
    const { 'POST /shop': shop, ...own } = Object.fromEntries(told);
    expect(Object.keys(own).sort()).toEqual(Object.keys(httpRoutes()).sort());
    expect(Object.keys(shop?.['responses'] ?? {})).toEqual(['201']);

    const ajv = new Ajv({ strict: false });
    ajv.addSchema({ $id: 'document', components });
    const examples = (value: unknown, at: string): void => {
      if (typeof value !== 'object' || value === null) return;
      const { schema, example, examples: several = {} } = value as Record<string, object | undefined>;
      const resolved = JSON.parse(JSON.stringify(schema ?? {}).replaceAll('"#/', '"document#/')) as object;
      const shown = [example, ...Object.values(several ?? {}).map(({ value: shown }: { value: unknown }) => shown)];
      for (const one of shown.filter((part) => part !== undefined)) {
        expect([at, ajv.validate(resolved, one), ajv.errorsText()]).toEqual([at, true, 'No errors']);
      }
      for (const [key, part] of Object.entries(value)) if (key !== 'schema') examples(part, `${at} ${key}`);
    };
    for (const [route, operation] of Object.entries(own)) {
      const isProbe = /health|metrics/.test(route);
      expect([route, operation]).toEqual([route, expect.objectContaining({ summary: expect.stringMatching(/./) })]);
      expect([route, 'security' in operation]).toEqual([route, !isProbe && !route.includes('/api/auth/')]);
      if (!isProbe)
        expect([route, ...Object.keys(operation['responses'] ?? {})]).toEqual(
          expect.arrayContaining(['429', '500', '503']),
        );
      examples(operation, route);
    }
  });

  it('are one page without anything from elsewhere', async () => {
    const page = await gateway.fetch('GET', '/docs/messages');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.text).toContain('id="command-shop:order"');
    expect(page.text).toContain('Rolls a die until it is told to stop.');
  });

  it('let an application find what it has broken since it kept its contract', async () => {
    const kept = await read<Contract>('contract.json');
    const changed = structuredClone(kept);
    Reflect.deleteProperty(changed.commands, 'roll');
    expect(compareContracts(kept, kept)).toEqual([]);
    expect(compareContracts(kept, changed)).toEqual([{ name: 'command roll', what: 'removed' }]);
  });

  it('have a hash that `connected` names and another application does not have', async () => {
    const other = await startGateway();
    // What `contract:check` compares is made of the tables of the code, without a gateway: it is what one serves.
    const served = (await other.fetch('GET', '/docs/contract.json')).body;
    expect(served).toEqual(contractOf(catalogueOf()));
    const hashes = await Promise.all(
      [gateway, other, gateway].map(async (one) => (await (await one.connect('alice')).next('connected')).contract),
    );
    await other.close();
    expect(hashes[0]).toMatch(/^[0-9a-f]{12}$/);
    expect(hashes[2]).toBe(hashes[0]);
    expect(hashes[1]).not.toBe(hashes[0]);
  });
});
