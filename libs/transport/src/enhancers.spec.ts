import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  createParamDecorator,
  type ExceptionFilter,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  ParseIntPipe,
  type PipeTransform,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, Reflector } from '@nestjs/core';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { map, type Observable } from 'rxjs';
import type { Connection } from './connection.js';
import { CurrentConnection } from './decorators.js';
import { WireApp } from './testing/wire-harness.js';

@Injectable()
class Prices {
  readonly of = new Map([['apple', 3]]);
}

const Free = Reflector.createDecorator<boolean>();

/** Asks by the metadata of the handler, with a service of the application. */
@Injectable()
class Shop implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly prices: Prices,
  ) {}
  canActivate(context: ExecutionContext): boolean {
    if (this.reflector.get(Free, context.getHandler())) return true;
    const { item } = context.switchToWs().getData<{ item?: string }>();
    return item === undefined || this.prices.of.has(item);
  }
}

@Injectable()
class Open implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    await Promise.resolve();
    return context.switchToWs().getClient<Connection>().identity?.userId !== 'mallory';
  }
}

@Injectable()
class Wrap implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const pattern = context.switchToWs().getPattern();
    return next.handle().pipe(map((value: unknown) => ({ [pattern]: value })));
  }
}

@Injectable()
class PriceOf implements PipeTransform<string, number> {
  constructor(private readonly prices: Prices) {}
  transform(item: string): number {
    const price = this.prices.of.get(item);
    if (price === undefined) throw new SoldOut(item);
    return price;
  }
}

class SoldOut extends Error {}
class Closed extends Error {}

@Catch(SoldOut)
class SoldOutFilter implements ExceptionFilter {
  catch(_: SoldOut, host: ArgumentsHost) {
    return { event: 'sold_out', data: { asked: host.switchToWs().getData<{ item: string }>().item } };
  }
}

@Catch(Closed)
class ClosedFilter implements ExceptionFilter {
  catch() {
    return { event: 'closed', data: {} };
  }
}

const Caller = createParamDecorator((field: 'userId' | 'username', context: ExecutionContext) => {
  return context.switchToWs().getClient<Connection>().identity?.[field];
});

@WebSocketGateway()
@UseGuards(Open)
class Till {
  @SubscribeMessage('price')
  @UseGuards(Shop)
  price(@MessageBody('item', PriceOf) price: number, @Caller('userId') buyer: string) {
    return { price, buyer };
  }

  @SubscribeMessage('free')
  @Free(true)
  @UseGuards(Shop)
  @UseFilters(SoldOutFilter)
  free(@MessageBody('item', PriceOf) price: number) {
    return { price };
  }

  @SubscribeMessage('wrapped')
  @UseInterceptors(Wrap)
  wrapped(@MessageBody('n', ParseIntPipe) n: number, @CurrentConnection() { id }: Connection) {
    return { n, isHere: id.length > 0 };
  }

  @SubscribeMessage('trimmed')
  @UsePipes({ transform: (value: unknown) => (typeof value === 'string' ? value.trim() : value) })
  trimmed(@MessageBody('text') text: string) {
    return { text };
  }

  @SubscribeMessage('late')
  late() {
    throw new Closed();
  }
}

/** What an application puts around its handlers is Nest's own; the order is compared with Nest's in `handler-planner.spec.ts`. */
describe('guards, pipes, interceptors, filters and param decorators of an application', () => {
  let app: WireApp;
  const counted: string[] = [];

  @Injectable()
  class Count implements NestInterceptor {
    constructor(private readonly prices: Prices) {}
    intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
      counted.push(`${context.getHandler().name} ${this.prices.of.size}`);
      return next.handle();
    }
  }

  @Injectable()
  class NoBots implements CanActivate {
    canActivate(context: ExecutionContext): boolean {
      return context.switchToWs().getClient<Connection>().identity?.userId !== 'bot';
    }
  }

  beforeAll(async () => {
    const globals = [
      { provide: APP_GUARD, useClass: NoBots },
      { provide: APP_INTERCEPTOR, useClass: Count },
      { provide: APP_FILTER, useClass: ClosedFilter },
    ];
    app = await WireApp.start({}, { providers: [Till, Prices, ...globals] });
  });
  beforeEach(() => (counted.length = 0));
  afterAll(() => app.stop());

  const ask = async (user: string, type: string, data: object = {}) => {
    const { message_type, data: answer } = await (await app.connect(user)).command(type, data);
    return [message_type, answer];
  };

  it('apply to a class, a method and the whole application, with what they inject', async () => {
    expect(await ask('alice', 'price', { item: 'apple' })).toEqual(['price_reply', { price: 3, buyer: 'alice' }]);
    expect(await ask('alice', 'price', { item: 'pear' })).toEqual(['error', expect.objectContaining({ code: 2001 })]);
    expect(await ask('mallory', 'price', { item: 'apple' })).toEqual([
      'error',
      expect.objectContaining({ code: 2001 }),
    ]);
    expect(await ask('bot', 'price', { item: 'apple' })).toEqual(['error', expect.objectContaining({ code: 2001 })]);
    expect(counted).toEqual(['price 1']);
  });

  it('answer by what a filter returns, of the method or the application', async () => {
    expect(await ask('alice', 'free', { item: 'pear' })).toEqual(['sold_out', { asked: 'pear' }]);
    expect(await ask('alice', 'late')).toEqual(['closed', {}]);
  });

  it('change what goes in and what comes out', async () => {
    expect(await ask('alice', 'wrapped', { n: '7' })).toEqual(['wrapped_reply', { wrapped: { n: 7, isHere: true } }]);
    expect(await ask('alice', 'wrapped', { n: 'x' })).toEqual([
      'error',
      expect.objectContaining({ code: 1001, message: expect.stringContaining('numeric string') as string }),
    ]);
    expect(await ask('alice', 'trimmed', { text: '  hi ' })).toEqual(['trimmed_reply', { text: 'hi' }]);
  });
});
