import { type Envelope, HubbubError, rawMember } from '@hubbub/protocol';
import {
  BadRequestException,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  ForbiddenException,
  Injectable,
  ParseIntPipe,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway, type WsResponse } from '@nestjs/websockets';
import { map, type Observable } from 'rxjs';
import Type from 'typebox';
import { AllowUnidentified, CurrentEnvelope } from './decorators.js';
import { RawJson } from './raw-json-reply.js';
import { SchemaPipe } from './schema.pipe.js';
import type { RecordingConnection } from './testing/recording-connection.js';
import { RouterHarness } from './testing/router-harness.js';

@Injectable()
class Refuse implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

class Domain extends Error {}

@Catch(Domain)
class DomainFilter implements ExceptionFilter {
  catch(error: Domain) {
    return { rescued: error.message };
  }
}

class Unhandled extends Error {}

@Catch(Unhandled)
class SilentFilter implements ExceptionFilter {
  catch(): void {}
}

class Doubled {
  intercept(_: unknown, next: { handle(): Observable<number> }): Observable<number> {
    return next.handle().pipe(map((value) => value * 2));
  }
}

@WebSocketGateway()
class Shop {
  @SubscribeMessage('nothing')
  nothing(): void {}

  @SubscribeMessage('plain')
  plain(@MessageBody() data: unknown): unknown {
    return { got: data };
  }

  @SubscribeMessage('later')
  async later(): Promise<unknown> {
    await Promise.resolve();
    return { when: 'later' };
  }

  @SubscribeMessage('named')
  named(): WsResponse {
    return { event: 'another_name', data: { a: 1 } };
  }

  @SubscribeMessage('raw')
  raw(@CurrentEnvelope() envelope: Envelope): RawJson {
    return new RawJson(rawMember(envelope.source, 'data', 'content') ?? 'null');
  }

  @SubscribeMessage('list_rooms')
  builtIn(): unknown {
    return { rooms: [] };
  }

  @SubscribeMessage('checked')
  checked(@MessageBody(new SchemaPipe(Type.Object({ n: Type.Integer() }))) { n }: { n: number }): unknown {
    return { n };
  }

  @SubscribeMessage('parsed')
  parsed(@MessageBody('n', ParseIntPipe) n: number): unknown {
    return { n };
  }

  @SubscribeMessage('who')
  who(@ConnectedSocket() connection: RecordingConnection): unknown {
    return { id: connection.id };
  }

  @AllowUnidentified()
  @SubscribeMessage('open')
  open(): unknown {
    return {};
  }

  @UseGuards(Refuse)
  @SubscribeMessage('guarded')
  guarded(): void {}

  @SubscribeMessage('throws')
  throws(): never {
    throw new TypeError('password=hunter2');
  }

  @SubscribeMessage('rejects')
  rejects(): Promise<never> {
    return Promise.reject(new RangeError('password=hunter2'));
  }

  @SubscribeMessage('full')
  full(): never {
    throw new HubbubError('RoomFull');
  }

  @SubscribeMessage('forbidden')
  forbidden(): never {
    throw new ForbiddenException('Members only.');
  }

  @SubscribeMessage('bad')
  bad(): never {
    throw new BadRequestException(['name must be a string']);
  }

  @SubscribeMessage('circle')
  circle(): unknown {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    return circle;
  }

  @SubscribeMessage('odd_name')
  oddName(): WsResponse {
    return { event: '","x":"', data: 1 };
  }

  @UseFilters(DomainFilter)
  @SubscribeMessage('filtered')
  filtered(): never {
    throw new Domain('by the filter');
  }

  @SubscribeMessage('globally_filtered')
  globallyFiltered(): Promise<never> {
    return Promise.reject(new Domain('by the global filter'));
  }

  @UseFilters(SilentFilter)
  @SubscribeMessage('filter_gives_up')
  filterGivesUp(): never {
    throw new Unhandled('x');
  }

  @UseInterceptors(Doubled)
  @SubscribeMessage('doubled')
  doubled(): number {
    return 21;
  }
}

describe('CommandRouter', () => {
  let harness: RouterHarness;
  let connection: RecordingConnection;
  const LIMITS = { commandsPerS: 100_000, commandsBurst: 100_000 };

  beforeAll(async () => {
    harness = await RouterHarness.start({
      providers: [Shop, { provide: APP_FILTER, useClass: DomainFilter }],
      config: { limits: LIMITS },
    });
  });
  beforeEach(() => {
    connection = harness.connect();
    harness.logger.lines.length = 0;
  });
  afterAll(() => harness.close());

  const ask = (type: string, data?: unknown, id: number | string | undefined = 1) => {
    harness.send(connection, type, data, id);
    return connection.next();
  };
  const refusal = (code: number, more: object = {}) => ({
    type: 'error',
    id: 1,
    data: expect.objectContaining({ code, ...more }) as unknown,
  });

  describe('replies', () => {
    it('with what the handler returned, under the name of the command', async () => {
      expect(await ask('nothing')).toEqual({ type: 'nothing_reply', data: {}, id: 1 });
      expect(await ask('plain', { a: 1 }, 'x')).toEqual({ type: 'plain_reply', data: { got: { a: 1 } }, id: 'x' });
      expect(await ask('later')).toEqual({ type: 'later_reply', data: { when: 'later' }, id: 1 });
      expect(await ask('list_rooms')).toEqual({ type: 'room_list', data: { rooms: [] }, id: 1 });
      expect(await ask('doubled')).toEqual({ type: 'doubled_reply', data: 42, id: 1 });
    });

    it('synchronously where nothing on the way is asynchronous', () => {
      harness.send(connection, 'plain', { a: 1 }, 1);
      expect(connection.frames).toHaveLength(1);
    });

    it('without an id where the command had none', () => {
      harness.send(connection, 'nothing');
      expect(connection.frames).toEqual([{ type: 'nothing_reply', data: {}, id: undefined }]);
    });

    it('under the name that the handler gives', async () => {
      expect(await ask('named')).toEqual({ type: 'another_name', data: { a: 1 }, id: 1 });
    });

    it('with JSON text character by character', () => {
      const texts: string[] = [];
      connection.reply = (_type, text) => void texts.push(text);
      harness.router.handle(connection, '{"message_type":"raw","data":{"content":{"b":1.0,"1":2e3,"a":" "}}}');
      expect(texts).toEqual(['{"b":1.0,"1":2e3,"a":" "}']);
    });

    it('after validation by schema and by Nest pipes', async () => {
      expect(await ask('checked', { n: 1 })).toMatchObject({ data: { n: 1 } });
      expect(await ask('checked', { n: 'x' })).toEqual(
        refusal(1001, { details: [{ path: '/n', message: expect.any(String) as string }] }),
      );
      expect(await ask('parsed', { n: '7' })).toMatchObject({ data: { n: 7 } });
      expect(await ask('parsed', { n: 'x' })).toEqual(refusal(1001));
      expect(await ask('who')).toMatchObject({ data: { id: connection.id } });
    });
  });

  describe('answers with one error', () => {
    it.each(['not json', '', '[]', '7', 'null', '{"message_type":7}', '{"message_type":"a b"}', '{}'])(
      'the frame %j, which is no envelope',
      (text) => {
        harness.router.handle(connection, text);
        expect(connection.frames).toEqual([{ ...refusal(1001), id: undefined }]);
      },
    );

    it('a broken frame whose id could be read, with that id', () => {
      harness.router.handle(connection, '{"message_id":"q","message_type":7}');
      expect(connection.frames).toEqual([{ ...refusal(1001), id: 'q' }]);
    });

    it.each(['-1', '1.5', '9007199254740992', '""', 'null', '{}', `"${'x'.repeat(65)}"`])('the id %s', (id) => {
      harness.router.handle(connection, `{"message_type":"nothing","message_id":${id}}`);
      expect(connection.frames).toEqual([{ ...refusal(1002), id: undefined }]);
    });

    it.each(['absent', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'ping.x'])(
      'the unknown type %s',
      async (type) => {
        expect(await ask(type)).toEqual(refusal(1006, { name: 'UnknownType', retryable: false }));
      },
    );

    it('a rejected guard', async () => {
      expect(await ask('guarded')).toEqual(refusal(2001));
    });

    it('a HubbubError or an exception of Nest, by its meaning', async () => {
      expect(await ask('full')).toEqual(refusal(3002, { retryable: true }));
      expect(await ask('forbidden')).toEqual(refusal(2001, { message: 'Members only.' }));
      expect(await ask('bad')).toEqual(refusal(1001, { details: [{ path: '', message: 'name must be a string' }] }));
      expect(harness.logger.lines).toEqual([]);
    });

    it.each(['throws', 'rejects'])(
      'a handler that %s, of which nothing is told but everything is logged once',
      async (type) => {
        expect(await ask(type, { secret: 'abc' })).toEqual(refusal(1000));
        expect(JSON.stringify(connection.frames)).not.toMatch(/hunter2|abc/);
        expect(harness.logger.of('error')).toEqual([
          expect.objectContaining({ msg: 'command failed', type, err: expect.any(Error) as Error }),
        ]);
        expect(JSON.stringify(harness.logger.lines)).not.toContain('abc');
      },
    );

    it.each(['circle', 'odd_name'])('a reply that cannot be written: %s', async (type) => {
      expect(await ask(type)).toEqual(refusal(1000));
      expect(harness.logger.of('error')).toHaveLength(1);
    });

    it('what a filter has not handled', async () => {
      expect(await ask('filter_gives_up')).toEqual(refusal(1000));
    });
  });

  it('takes the result of a filter for the reply, of a global one too', async () => {
    expect(await ask('filtered')).toEqual({ type: 'filtered_reply', data: { rescued: 'by the filter' }, id: 1 });
    expect(await ask('globally_filtered')).toEqual({
      type: 'globally_filtered_reply',
      data: { rescued: 'by the global filter' },
      id: 1,
    });
    expect(harness.logger.lines).toEqual([]);
  });

  it('serves a connection that is not identified only what allows it', async () => {
    connection = harness.connect(null);
    expect(await ask('open')).toMatchObject({ type: 'open_reply' });
    expect(await ask('ping')).toMatchObject({ type: 'pong' });
    expect(await ask('plain')).toEqual(refusal(2000));
    expect(await ask('absent')).toEqual(refusal(2000));
    expect(await ask('cancel', { request_id: 1 })).toEqual(refusal(2000));
    connection.identity = { userId: 'alice' };
    expect(await ask('plain')).toMatchObject({ type: 'plain_reply' });
  });

  it('answers nothing once the connection has ended', () => {
    harness.end(connection);
    harness.send(connection, 'plain', {}, 1);
    expect(connection.frames).toEqual([]);
    expect(harness.router.queued(connection)).toBe(0);
  });

  it('counts commands by type and code, and made-up types together', async () => {
    const own = await RouterHarness.start({ providers: [Shop], config: { limits: LIMITS } });
    const client = own.connect();
    for (const type of ['nothing', 'nothing', 'full', 'absent', 'made-up', 'throws']) own.send(client, type);
    own.router.handle(client, 'not json');
    expect(own.counts()).toEqual({
      'nothing 0': 2,
      'full 3002': 1,
      'unknown 1006': 2,
      'unknown 1001': 1,
      'throws 1000': 1,
    });
    const timed = own.metrics.commandDuration
      .samples()
      .filter(({ metricName, value }) => metricName?.endsWith('_count') && value > 0);
    expect(Object.fromEntries(timed.map(({ labels, value }) => [labels['type'], value]))).toEqual({
      nothing: 2,
      full: 1,
      unknown: 3,
      throws: 1,
    });
    await own.close();
  });
});
