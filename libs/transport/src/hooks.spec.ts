import { Injectable, Module, Scope } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import { createHookDecorator, Hooks, OnConnect, OnDisconnect } from './hooks.js';
import { RouterHarness } from './testing/router-harness.js';

const OnSale = createHookDecorator<[item: string]>('sale');
const OnClosing = createHookDecorator('closing');

let told: string[] = [];

@Injectable()
class First {
  private readonly name = 'first';

  @OnSale()
  async sold(item: string): Promise<void> {
    await Promise.resolve();
    told.push(`${this.name} ${item}`);
  }

  @OnSale()
  @OnClosing()
  both(item?: string): void {
    told.push(`both ${item ?? '-'}`);
  }
}

@Injectable()
class Broken {
  @OnSale()
  throws(): void {
    throw new Error('a bug');
  }

  @OnSale()
  rejects(): Promise<void> {
    return Promise.reject(new Error('another bug'));
  }
}

@Injectable()
class Last {
  @OnSale()
  sold(item: string): void {
    told.push(`last ${item}`);
  }
}

@WebSocketGateway()
class Gateway {
  handleConnection(connection: { id: string }): void {
    told.push(`gateway connected ${connection.id}`);
  }
  handleDisconnect(connection: { id: string }, end: { code: number }): void {
    told.push(`gateway gone ${connection.id} ${end.code}`);
  }
}

@Injectable()
class Watcher {
  @OnConnect()
  connected({ id }: { id: string }): void {
    told.push(`watcher connected ${id}`);
  }
  @OnDisconnect()
  gone({ id }: { id: string }, { clean }: { clean: boolean }): void {
    told.push(`watcher gone ${id} ${clean}`);
  }
}

describe('Hooks', () => {
  let harness: RouterHarness;
  beforeEach(() => {
    told = [];
  });
  afterEach(() => harness.close());

  it('run one after the other, in the order of providers and methods', async () => {
    harness = await RouterHarness.start({ providers: [First, Last] });
    await harness.module.get(Hooks).run('sale', 'book');
    expect(told).toEqual(['first book', 'both book', 'last book']);
  });

  it('stay synchronous where they are', async () => {
    harness = await RouterHarness.start({ providers: [First] });
    expect(harness.module.get(Hooks).run('closing')).toBeUndefined();
    expect(told).toEqual(['both -']);
  });

  it('harm neither each other nor the caller when one throws, which is logged once and counted', async () => {
    harness = await RouterHarness.start({ providers: [Broken, Last] });
    await expect(harness.module.get(Hooks).run('sale', 'book')).resolves.toBeUndefined();
    expect(told).toEqual(['last book']);
    expect(harness.logger.of('error')).toEqual([
      expect.objectContaining({ msg: 'hook failed', hook: 'sale', handler: 'Broken.throws' }),
      expect.objectContaining({ msg: 'hook failed', hook: 'sale', handler: 'Broken.rejects' }),
    ]);
    expect(harness.metrics.hookErrors.value).toBe(2);
  });

  it('cost nothing where nobody listens', async () => {
    harness = await RouterHarness.start();
    const hooks = harness.module.get(Hooks);
    expect([hooks.has('sale'), hooks.has('connect')]).toEqual([false, false]);
    expect(hooks.run('sale', 'book')).toBeUndefined();
  });

  it('include the lifecycle methods of gateways', async () => {
    harness = await RouterHarness.start({ providers: [Gateway, Watcher] });
    const connection = harness.connect();
    harness.end(connection);
    expect(told).toEqual([
      `gateway connected ${connection.id}`,
      `watcher connected ${connection.id}`,
      `gateway gone ${connection.id} 1006`,
      `watcher gone ${connection.id} false`,
    ]);
  });

  it('are called once where two tokens share a provider', async () => {
    harness = await RouterHarness.start({ providers: [Last, { provide: 'alias', useExisting: Last }] });
    await harness.module.get(Hooks).run('sale', 'book');
    expect(told).toEqual(['last book']);
  });

  it('are found in other modules', async () => {
    @Module({ providers: [Last] })
    class Other {}
    harness = await RouterHarness.start({ imports: [Other] });
    await harness.module.get(Hooks).run('sale', 'book');
    expect(told).toEqual(['last book']);
  });

  it('are refused on a request-scoped provider', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {
      @OnSale()
      sold(): void {}
    }
    await expect(RouterHarness.start({ providers: [PerRequest] })).rejects.toThrow(
      'PerRequest.sold: a request-scoped provider cannot have hooks',
    );
    harness = await RouterHarness.start();
  });
});
