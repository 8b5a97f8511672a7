import { Arrivals } from '@hubbub/testing';
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
  private readonly arrivals = new Arrivals<Heard>({ name: 'the service', kindOf: typeOf, inWords: typeOf });

  private constructor(private app: INestMicroservice | null) {}

  static async start({ url, patterns, queue }: StockServiceOptions): Promise<StockService> {
    const service = new StockService(null);

    @Controller()
    class Listener {
      @EventPattern(patterns)
      hear(@Payload() data: Record<string, unknown>, @Ctx() context: NatsContext): void {
        const subject = context.getSubject();
        service.arrivals.add({ subject, type: subject.split('.').at(-1) ?? '', data });
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

  /** In the order of their arrival. */
  get heard(): readonly Heard[] {
    return this.arrivals.all;
  }

  /** The next event of a type that no test has taken yet. */
  next(type: string, matches: (data: Heard['data']) => boolean = () => true): Promise<Heard> {
    return this.arrivals.take({ kind: type, matches: ({ data }) => matches(data), what: `the event ${type}` });
  }

  /** Resolves once `condition` holds; looked at with every event. */
  until(condition: () => boolean): Promise<void> {
    return this.arrivals.until(condition);
  }

  async close(): Promise<void> {
    await this.app?.close();
  }
}

const typeOf = ({ type }: Heard) => type;
