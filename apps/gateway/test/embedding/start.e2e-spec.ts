import {
  Database,
  type HubbubAsyncOptions,
  HubbubConfig,
  HubbubModule,
  MessageStore,
  messageStoreOn,
  useHubbub,
} from '@hubbub/hubbub';
import { type INestApplication, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { closeApplications, configWith, PLATFORMS, startApplication, startWith } from './applications.js';

/** Settings that an application has from somewhere else, not at once. */
@Injectable()
class Settings {
  async read() {
    await new Promise(setImmediate);
    return { path: '/realtime', node: 'from-settings' };
  }
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

const fromSettings = (more: Partial<HubbubAsyncOptions> = {}) =>
  HubbubModule.forRootAsync({
    imports: [SettingsModule],
    inject: [Settings],
    useFactory: async (settings: Settings) => {
      const { path, node } = await settings.read();
      return configWith({ server: { wsPath: path }, cluster: { nodeId: node } });
    },
    ...more,
  });

describe('a configuration from other providers', () => {
  afterAll(closeApplications);

  it.each(PLATFORMS)('is what Hubbub goes by, on %s', async (platform) => {
    const app = await startWith(fromSettings(), { platform });
    expect(app.ws).toMatch(/\/realtime$/);
    const client = await app.connect('alice');
    expect(await client.next('connected')).toMatchObject({ node_id: 'from-settings', user_id: 'alice' });
    expect((await app.fetch('GET', '/realtime')).status).toBe(426);
  });

  it('goes together with parts that are left out and replaced', async () => {
    const made: unknown[] = [];
    const store = {
      provide: MessageStore,
      inject: [Database, Settings],
      useFactory: (database: Database, settings: Settings) => {
        made.push(settings);
        return messageStoreOn(database);
      },
    };
    const app = await startWith(fromSettings({ without: ['watch_online'], providers: [store] }));
    const client = await app.connect('alice');
    await expect(client.command('watch_online', { enabled: true })).rejects.toMatchObject({ code: 1006 });
    expect(made).toEqual([expect.any(Settings)]);
  });

  it('may be a whole HubbubConfig, or nothing but defaults', async () => {
    const whole = HubbubConfig.from(configWith({ cluster: { nodeId: 'whole' } }));
    const app = await startWith(HubbubModule.forRootAsync({ useFactory: () => whole }));
    expect(await (await app.connect('alice')).next('connected')).toMatchObject({ node_id: 'whole' });
    expect(HubbubModule.forRoot()).toMatchObject({ module: HubbubModule });
  });
});

@WebSocketGateway(8123)
class PortGateway {
  @SubscribeMessage('anything')
  anything(): void {}
}

describe('a start that cannot be', () => {
  afterAll(closeApplications);

  const create = (...hubbub: ReturnType<typeof HubbubModule.forRoot>[]): Promise<INestApplication> =>
    NestFactory.create({ module: class AppModule {}, imports: hubbub }, new ExpressAdapter(), {
      logger: false,
      abortOnError: false,
    });

  it('names every fault of the configuration, at once where it is given and at the start where it is made', async () => {
    const wrong = { server: { port: -1 }, log: { level: 'loud' } } as never;
    expect(() => HubbubModule.forRoot(wrong)).toThrow(/server\.port[^]*log\.level/);
    await expect(create(HubbubModule.forRootAsync({ useFactory: () => wrong }))).rejects.toThrow(
      /server\.port[^]*log\.level/,
    );
    const forked = HubbubModule.forRootAsync({ useFactory: () => configWith({ server: { workers: 2 } }) });
    await expect(create(forked)).rejects.toThrow('server.workers: more than 1 needs a program that calls runWorkers');
  });

  it('says that there are two of it', async () => {
    const twice = create(HubbubModule.forRoot(configWith()), HubbubModule.forRoot(configWith()));
    await expect(twice).rejects.toThrow('HubbubModule is in the application twice: call forRoot once');
  });

  it('says that useHubbub was not called, and that there is nothing for it', async () => {
    const silent = await create(HubbubModule.forRoot(configWith()));
    await expect(silent.listen(0)).rejects.toThrow(
      'call useHubbub(app) after NestFactory.create(), before app.listen()',
    );
    await silent.close();
    const empty = await create();
    expect(() => useHubbub(empty)).toThrow('no module of the application imports HubbubModule.forRoot()');
    await empty.close();
  });

  it('says that useHubbub was called twice', async () => {
    const app = await create(HubbubModule.forRoot(configWith()));
    useHubbub(app);
    expect(() => useHubbub(app)).toThrow('useHubbub(app) was called twice');
    await app.close();
  });

  it('says that another adapter has taken the place', async () => {
    const app = await create(HubbubModule.forRoot(configWith()));
    useHubbub(app);
    app.useWebSocketAdapter(new WsAdapter(app));
    await expect(app.listen(0)).rejects.toThrow('app.useWebSocketAdapter() has taken the place');
    await app.close();
  });

  it('names the port that a gateway wants for itself', async () => {
    await expect(startApplication({ providers: [PortGateway] })).rejects.toThrow(
      '@WebSocketGateway(8123): gateways have no port, path or namespace of their own here: all are served on /ws',
    );
  });
});
