import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, type MicroserviceOptions, NatsContext, Payload, Transport } from '@nestjs/microservices';

/** An event as a handler of Nest was called with it. */
export interface Heard {
  readonly subject: string;
  /** Last token of the subject. */
  readonly type: string;
  readonly data: Record<string, unknown>;
}

export interface StockServiceOptions {
  readonly url: string;
  readonly patterns: readonly string[];
  /** Shared by several services, of which one hears each event. */
  readonly queue?: string;
}

/** A microservice of Nest that knows nothing of Hubbub but the subjects. */
export class StockService {
  /** In the order of their arrival. */
  readonly heard: Heard[] = [];
  private readonly taken = new Set<Heard>();
  private readonly watchers = new Set<() => void>();

  private constructor(private app: INestMicroservice | null) {}

  static async start({ url, patterns, queue }: StockServiceOptions): Promise<StockService> {
    const service = new StockService(null);

    @Controller()
    class Listener {
      @EventPattern(patterns)
      hear(@Payload() data: Record<string, unknown>, @Ctx() context: NatsContext): void {
        const subject = context.getSubject();
        service.hear({ subject, type: subject.split('.').at(-1) ?? '', data });
      }
    }
    @Module({ controllers: [Listener] })
    class ListenerModule {}

    service.app = await NestFactory.createMicroservice<MicroserviceOptions>(ListenerModule, {
      transport: Transport.NATS,
      options: { servers: [url], ...(queue === undefined ? {} : { queue }) },
      logger: ['error', 'fatal'],
    });
    await service.app.listen();
    return service;
  }

  /** The next event of a type that no test has taken yet. */
  async next(type: string, matches: (data: Heard['data']) => boolean = () => true): Promise<Heard> {
    const find = () => this.heard.find((one) => !this.taken.has(one) && one.type === type && matches(one.data));
    await this.until(() => find() !== undefined);
    const found = find() as Heard;
    this.taken.add(found);
    return found;
  }

  /** Resolves once `condition` holds; looked at with every event. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const watcher = () => {
        if (!condition()) return;
        this.watchers.delete(watcher);
        resolve();
      };
      this.watchers.add(watcher);
    });
  }

  async close(): Promise<void> {
    await this.app?.close();
  }

  private hear(heard: Heard): void {
    this.heard.push(heard);
    for (const watcher of this.watchers) watcher();
  }
}
