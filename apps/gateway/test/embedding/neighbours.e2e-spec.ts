import { Authenticated, CurrentUser, type Identity, RequirePermissions } from '@hubbub/hubbub';
import type { TestGateway } from '@hubbub/testing';
import {
  type ArgumentsHost,
  Body,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  type INestApplication,
  NotFoundException,
  Post,
  VersioningType,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, HttpAdapterHost } from '@nestjs/core';
import { WebSocket, WebSocketServer } from 'ws';
import { closeApplications, PLATFORMS, startApplication } from './applications.js';

@Controller('cats')
class CatsController {
  @Get()
  list(): object {
    return [{ name: 'Tom' }];
  }

  @Get('lost')
  lost(): never {
    throw new NotFoundException('The cat has gone.');
  }

  @Get('broken')
  broken(): never {
    throw new TypeError('no cat');
  }

  @Post()
  echo(@Body() body: { text?: string }): object {
    return { characters: body.text?.length };
  }

  @Get('mine')
  @Authenticated()
  mine(@CurrentUser() { userId }: Identity): object {
    return { owner: userId };
  }

  @Get('all')
  @RequirePermissions('read:cats')
  all(): object {
    return [];
  }
}

/** Made for HTTP, as most are: it looks at nothing but the response. */
@Catch(TypeError)
class TypeErrorFilter implements ExceptionFilter {
  constructor(private readonly host: HttpAdapterHost) {}

  catch(_error: TypeError, context: ArgumentsHost): void {
    this.host.httpAdapter.reply(context.switchToHttp().getResponse(), { mine: 'a type error' }, 555);
  }
}

const guarded: string[] = [];
class RecordingGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    guarded.push(`${context.getClass().name}.${context.getHandler().name}`);
    return true;
  }
}

const LIMITS = { httpPerS: 1, httpBurst: 40 };

describe.each(PLATFORMS)('an application of its own on %s', (platform) => {
  let app: TestGateway;
  beforeAll(async () => {
    app = await startApplication({
      platform,
      config: { limits: LIMITS },
      controllers: [CatsController],
      providers: [
        { provide: APP_GUARD, useClass: RecordingGuard },
        {
          provide: APP_FILTER,
          inject: [HttpAdapterHost],
          useFactory: (host: HttpAdapterHost) => new TypeErrorFilter(host),
        },
      ],
    });
  });
  afterAll(closeApplications);

  it('has people talk over it', async () => {
    const { body } = await app.fetch<Record<string, string>>('POST', '/api/auth/register', {
      body: { username: 'Alice', password: 'long enough for alice' },
    });
    const alice = await app.open({ token: body['access_token']! });
    const bob = await app.connect('bob');
    await alice.command('create_room', { room_id: 'lobby' });
    for (const client of [alice, bob]) await client.command('join_room', { room_id: 'lobby' });
    await alice.command('room_message', { room_id: 'lobby', content: 'hello' });
    expect(await bob.next('room_message')).toMatchObject({ sender_id: 'alice', seq: 1, content: 'hello' });
    expect(guarded).toEqual(expect.arrayContaining(['AuthController.register', 'RoomsGateway.create']));
  });

  it('answers its own routes as if Hubbub were not there', async () => {
    expect(await app.fetch('GET', '/cats')).toMatchObject({ status: 200, body: [{ name: 'Tom' }] });
    expect(await app.fetch('GET', '/cats/lost')).toMatchObject({
      status: 404,
      body: { statusCode: 404, message: 'The cat has gone.', error: 'Not Found' },
    });
    expect(await app.fetch('GET', '/cats/broken')).toMatchObject({ status: 555, body: { mine: 'a type error' } });
    expect(await app.fetch('GET', '/nowhere')).toMatchObject({ status: 404, body: { statusCode: 404 } });
    expect((await app.fetch('GET', '/docs')).status).toBe(404);
    const broken = await app.fetch('POST', '/cats', { body: '{"text":' });
    expect(broken).toMatchObject({ status: 400, body: { statusCode: 400 } });
    const preflight = await app.fetch('OPTIONS', '/cats', { headers: { origin: 'https://elsewhere.example' } });
    expect([...preflight.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('takes bodies of its own that Hubbub would not', async () => {
    const text = 'x'.repeat(80_000);
    expect(await app.fetch('POST', '/cats', { body: { text } })).toMatchObject({
      status: 201,
      body: { characters: 80_000 },
    });
    const room = { id: 'large', metadata: { text } };
    expect(await app.fetch('POST', '/api/rooms', { token: app.token('alice'), body: room })).toMatchObject({
      status: 413,
      body: { code: 4002, name: 'MessageTooLarge' },
    });
  });

  it('keeps the text of messages that come over HTTP to the character', async () => {
    const content = '{"2":1,"1":12345678901234567890, "x" : 1.0}';
    const post = (path: string, body: string) => app.fetch('POST', path, { token: app.token('carol'), body });
    await post('/api/rooms', '{"id":"exact"}');
    expect((await post('/api/rooms/exact/messages', `{"content":${content}}`)).status).toBe(201);
    const { text } = await app.fetch('GET', '/api/rooms/exact/messages', { token: app.token('carol') });
    expect(text).toContain(content);
  });

  it("has Hubbub's guards and identities for its own routes", async () => {
    const token = app.token('dave');
    expect(await app.fetch('GET', '/cats/mine', { token })).toMatchObject({ status: 200, body: { owner: 'dave' } });
    expect(await app.fetch('GET', '/cats/mine')).toMatchObject({
      status: 401,
      body: { code: 2000, name: 'Unauthorized' },
    });
    expect(await app.fetch('GET', '/cats/all', { token })).toMatchObject({
      status: 403,
      body: { code: 2001, details: { permission: 'read:cats' } },
    });
  });

  it('says draining and 1012 to clients when it is closed, and ends', async () => {
    const closing = await startApplication({ platform, config: { drain: { timeoutMs: 1000 } } });
    const client = await closing.connect('erin');
    const closed = closing.app.close();
    await client.next('draining');
    expect((await client.closed).code).toBe(1012);
    await closed;
  });

  // Last: it uses the limit up.
  it("limits Hubbub's routes by address and none of its own", async () => {
    const many = (path: string) => Promise.all(Array.from({ length: 60 }, () => app.fetch('GET', path)));
    const own = await many('/cats');
    expect(new Set(own.map(({ status }) => status))).toEqual(new Set([200]));
    const refused = (await many('/api/rooms')).find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ code: 1005, name: 'RateLimited' });
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await app.fetch('GET', '/cats')).status).toBe(200);
    expect((await app.fetch('GET', '/health/live')).status).toBe(200);
  });
});

@Catch()
class CatchAll extends TypeErrorFilter {}

describe.each(PLATFORMS)('on %s', (platform) => {
  afterAll(closeApplications);

  it("a filter for everything, made for HTTP, has the application's errors and leaves Hubbub's to it", async () => {
    const app = await startApplication({
      platform,
      controllers: [CatsController],
      prepare: (nest) => nest.useGlobalFilters(new CatchAll(nest.get(HttpAdapterHost))),
    });
    expect((await app.fetch('GET', '/cats/lost')).status).toBe(555);
    expect((await app.fetch('GET', '/nowhere')).status).toBe(555);
    expect((await app.fetch('POST', '/cats', { body: '{' })).status).toBe(555);
    const token = app.token('alice');
    expect(await app.fetch('GET', '/api/rooms/none', { token })).toMatchObject({ status: 404, body: { code: 3000 } });
    expect(await app.fetch('POST', '/api/rooms', { token, body: '{' })).toMatchObject({
      status: 400,
      body: { code: 1001 },
    });

    expect((await app.fetch('GET', '/api/rooms/%zz', { token })).status).toBe(400);
    const client = await app.connect('alice');
    await expect(client.command('join_room', { room_id: 'none' })).rejects.toMatchObject({ code: 3000 });
    await expect(client.command('join_room', { room_id: 7 } as never)).rejects.toMatchObject({ code: 1001 });
  });

  it('Hubbub goes below a global prefix with the rest, and has no part in its versions', async () => {
    const app = await startApplication({
      platform,
      controllers: [CatsController],
      config: { limits: { httpPerS: 1, httpBurst: 3 } },
      prepare: (nest: INestApplication) => {
        nest.setGlobalPrefix('v1', { exclude: ['health/live'] });
        nest.enableVersioning({ type: VersioningType.URI, defaultVersion: '7' });
      },
    });
    expect((await app.fetch('GET', '/v1/v7/cats')).status).toBe(200);
    expect((await app.fetch('GET', '/v1/health')).status).toBe(200);
    expect((await app.fetch('GET', '/health/live')).status).toBe(200);
    expect(await app.fetch('POST', '/v1/api/auth/login', { body: '{' })).toMatchObject({
      status: 400,
      body: { code: 1001 },
    });
    const answers = await Promise.all(Array.from({ length: 6 }, () => app.fetch('GET', '/v1/api/rooms')));
    expect(answers.map(({ status }) => status)).toContain(429);
    await (await app.connect('alice')).settle();
  });

  it('behind a proxy it is the address that this has added which counts, whatever the application makes of it', async () => {
    const app = await startApplication({
      platform,
      config: { server: { trustProxy: true }, limits: { authPerMin: 2 } },
    });
    const login = (from: string) =>
      app.fetch('POST', '/api/auth/login', {
        body: { username: 'nobody', password: '12345678' },
        headers: { 'x-forwarded-for': from },
      });
    const statuses = [];
    for (const from of ['9.9.9.1, 5.5.5.5', '9.9.9.2, 5.5.5.5', '9.9.9.3, 5.5.5.5', '5.5.5.5, 9.9.9.4']) {
      statuses.push((await login(from)).status);
    }
    expect(statuses).toEqual([401, 401, 429, 401]);
  });

  it('leaves upgrades on other paths to whoever serves them', async () => {
    const app = await startApplication({
      platform,
      prepare: (nest) => {
        const server = new WebSocketServer({ noServer: true });
        nest.getHttpServer().on('upgrade', (request: never, socket: never, head: never) => {
          if ((request as { url: string }).url === '/mine') {
            server.handleUpgrade(request, socket, head, (webSocket) => webSocket.send('from the neighbour'));
          }
        });
      },
    });
    const mine = new WebSocket(`ws://127.0.0.1:${app.port}/mine`);
    const said = await new Promise<string>((resolve) => {
      mine.once('message', (bytes: Buffer) => resolve(bytes.toString()));
    });
    expect(said).toBe('from the neighbour');
    mine.terminate();
    await (await app.connect('alice')).settle();
  });

  it('a path that nobody upgrades is answered 404', async () => {
    const app = await startApplication({ platform });
    await expect(app.open({}, `ws://127.0.0.1:${app.port}/nothing`)).rejects.toMatchObject({ status: 404 });
    expect(await app.fetch('GET', '/ws')).toMatchObject({ status: 426, body: { code: 1001 } });
  });
});
