import {
  type ArgumentMetadata,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  createParamDecorator,
  type ExceptionFilter,
  type ExecutionContext,
  Injectable,
  Module,
  type NestInterceptor,
  type PipeTransform,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/internal';
import {
  APP_FILTER,
  APP_GUARD,
  APP_INTERCEPTOR,
  APP_PIPE,
  DiscoveryModule,
  DiscoveryService,
  ExternalContextCreator,
  type ParamsFactory,
} from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import { Ack, ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { map, type Observable, of } from 'rxjs';
import type { CommandArgs } from './handler-chain.js';
import { HandlerPlanner } from './handler-planner.js';
import { RecordingLogger } from './testing/router-harness.js';

/** What ran, in order. */
let trace: string[] = [];

@Injectable()
class Injected {
  readonly name = 'injected';
}

function guard(name: string, verdict: () => boolean | Promise<boolean> | Observable<boolean>) {
  @Injectable()
  class Guard implements CanActivate {
    constructor(readonly injected: Injected) {}
    canActivate(context: ExecutionContext) {
      const ws = context.switchToWs();
      const place = `${context.getType()} ${context.getClass().name}.${context.getHandler().name} ${ws.getPattern()}`;
      trace.push(`guard ${name} ${this.injected.name} ${place}`);
      return verdict();
    }
  }
  return Guard;
}

function pipe(name: string, isAsync: boolean) {
  @Injectable()
  class Pipe implements PipeTransform {
    transform(value: unknown, { type, data, metatype }: ArgumentMetadata) {
      trace.push(`pipe ${name} ${type} ${data ?? '-'} ${metatype?.name}`);
      const result = type === 'body' ? `${String(value)}+${name}` : value;
      return isAsync ? Promise.resolve(result) : result;
    }
  }
  return Pipe;
}

function interceptor(name: string) {
  @Injectable()
  class Interceptor implements NestInterceptor {
    intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
      trace.push(`interceptor ${name} before`);
      return next.handle().pipe(
        map((value: unknown) => {
          trace.push(`interceptor ${name} after`);
          return `${String(value)}|${name}`;
        }),
      );
    }
  }
  return Interceptor;
}

class Rescued extends Error {}

function filter(name: string, type: new () => Error, result: (error: Error) => unknown) {
  @Catch(type)
  class Filter implements ExceptionFilter {
    catch(error: Error, host: ArgumentsHost) {
      trace.push(`filter ${name} ${host.getType()}`);
      return result(error);
    }
  }
  return Filter;
}

const Caller = createParamDecorator((data: unknown, context: ExecutionContext) => {
  return `${String(data)}:${String(context.getArgByIndex(0))}`;
});
const Later = createParamDecorator(() => Promise.resolve('later'));

const yes = () => true;

@WebSocketGateway()
@UseGuards(guard('class', yes))
@UsePipes(pipe('class', false))
class Plain {
  @UseGuards(
    guard('promise', () => Promise.resolve(true)),
    guard('observable', () => of(true)),
    guard('method', yes),
  )
  @UsePipes(pipe('method', true))
  @SubscribeMessage('all')
  all(
    @Caller('who') who: string,
    @MessageBody('text', pipe('own', false)) text: string,
    @ConnectedSocket() socket: string,
    @Later() later: string,
  ): string {
    trace.push('handler');
    return [who, text, socket, later].join(' ');
  }

  @SubscribeMessage('bare')
  bare(socket: string, data: unknown): string {
    return `${socket} ${JSON.stringify(data)}`;
  }

  @UseGuards(
    guard('no', () => false),
    guard('never', yes),
  )
  @SubscribeMessage('refused')
  refused(): string {
    trace.push('handler');
    return 'never';
  }

  @UseGuards(
    guard('late no', () => Promise.resolve(false)),
    guard('never', yes),
  )
  @SubscribeMessage('refusedLater')
  refusedLater(): string {
    trace.push('handler');
    return 'never';
  }

  @UseInterceptors(interceptor('outer'), interceptor('inner'))
  @SubscribeMessage('intercepted')
  intercepted(@MessageBody('text') text: string): Promise<string> {
    trace.push('handler');
    return Promise.resolve(text);
  }

  @UseFilters(
    filter('first', Rescued, () => 'first'),
    filter('second', Rescued, () => 'second'),
  )
  @SubscribeMessage('rescued')
  rescued(@MessageBody() _data: unknown): string {
    throw new Rescued();
  }

  @UseFilters(filter('other', TypeError, () => 'other'))
  @SubscribeMessage('lost')
  lost(@MessageBody() _data: unknown): Promise<string> {
    return Promise.reject(new Rescued('lost'));
  }
}

const paramsFactory: ParamsFactory = {
  exchangeKeyForValue: (kind, data, [socket, payload]: [string, Record<string, unknown>]) => {
    if (kind === 0) return socket;
    return typeof data === 'string' ? payload[data] : payload;
  },
};

@Module({ imports: [DiscoveryModule], providers: [HandlerPlanner, Injected, Plain] })
class PlainModule {}

describe('HandlerPlanner', () => {
  let app: TestingModule;
  const start = async (providers: unknown[] = []) => {
    @Module({ imports: [PlainModule], providers: [Injected, ...(providers as [])] })
    class Root {}
    app = await Test.createTestingModule({ imports: [Root] })
      .setLogger(new RecordingLogger())
      .compile();
    await app.init();
  };
  const args = (type: string): CommandArgs => ['alice', { text: 'hi', more: 1 }, {}, type] as unknown as CommandArgs;
  const moduleKey = () =>
    app
      .get(DiscoveryService, { strict: false })
      .getProviders()
      .find(({ instance }) => instance === app.get(Plain, { strict: false }))?.host?.token ?? '';
  const ours = (method: string) =>
    app.get(HandlerPlanner, { strict: false }).compile(app.get(Plain, { strict: false }), method, moduleKey());

  beforeEach(() => {
    trace = [];
  });
  afterEach(() => app.close());

  const run = async (call: () => unknown) => {
    trace = [];
    const outcome = await Promise.resolve()
      .then(call)
      .then(
        (value) => ({ value }),
        (error: Error) => ({ refused: error.message.length > 0 }),
      );
    return { outcome, trace };
  };

  it.each(['all', 'refused', 'refusedLater', 'intercepted', 'rescued', 'lost'] as const)(
    'runs what Nest runs around %s, in the same order',
    async (method) => {
      await start([
        { provide: APP_GUARD, useClass: guard('global', yes) },
        { provide: APP_PIPE, useClass: pipe('global', false) },
        { provide: APP_FILTER, useClass: filter('global', Rescued, () => undefined) },
      ]);
      const gateway = app.get(Plain, { strict: false });
      const theirs = app
        .get(ExternalContextCreator)
        .create(
          gateway,
          gateway[method] as (...args: unknown[]) => unknown,
          method,
          ROUTE_ARGS_METADATA,
          paramsFactory,
          undefined,
          undefined,
          undefined,
          'ws',
        );
      const expected = await run(() => theirs(...args(method)) as unknown);
      const actual = await run(() => ours(method)(args(method)));
      // Nest runs the pipes of all parameters side by side, we one parameter after the other.
      expect(actual.trace.toSorted()).toEqual(expected.trace.toSorted());
      const withoutPipes = (lines: string[]) => lines.filter((line) => !line.startsWith('pipe'));
      expect(withoutPipes(actual.trace)).toEqual(withoutPipes(expected.trace));
      expect(actual.outcome).toEqual(expected.outcome);
      expect(expected.trace.length).toBeGreaterThan(1);
    },
  );

  it('passes a payload through global, class, method and own pipes in this order', async () => {
    await start([{ provide: APP_PIPE, useClass: pipe('global', false) }]);
    await expect(Promise.resolve(ours('all')(args('all')))).resolves.toBe(
      'who:alice hi+global+class+method+own alice later',
    );
  });

  it('gives a handler without param decorators connection and payload', async () => {
    await start();
    expect(ours('bare')(args('bare'))).toBe('alice "[object Object]+class"');
  });

  it('runs global interceptors', async () => {
    await start([{ provide: APP_INTERCEPTOR, useClass: interceptor('global') }]);
    await expect(Promise.resolve(ours('bare')(args('bare')))).resolves.toMatch(/\|global$/);
  });

  it('is synchronous when everything in it is', async () => {
    await start();
    expect(typeof ours('bare')(args('bare'))).toBe('string');
  });

  it('takes only own properties of a payload', async () => {
    @WebSocketGateway()
    class Picky {
      @SubscribeMessage('pick')
      pick(@MessageBody('constructor') value: unknown): string {
        return typeof value;
      }
    }
    await start();
    const chain = app.get(HandlerPlanner, { strict: false }).compile(new Picky(), 'pick', '');
    expect(chain(args('pick'))).toBe('undefined');
  });

  it('refuses @Ack() by name', async () => {
    @WebSocketGateway()
    class Old {
      @SubscribeMessage('old')
      old(@Ack() _ack: unknown): void {}
    }
    await start();
    expect(() => app.get(HandlerPlanner, { strict: false }).compile(new Old(), 'old', '')).toThrow(
      'Old.old takes a parameter that commands do not have',
    );
  });
});
