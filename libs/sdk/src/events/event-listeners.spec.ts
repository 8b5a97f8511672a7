import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import type { EventData } from '@hubbub/protocol';
import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';
import {
  Controller,
  type ExecutionContext,
  type INestApplicationContext,
  Injectable,
  Logger,
  Scope,
  type Type,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  EventId,
  HubbubClientModule,
  type HubbubClientOptions,
  type HubbubEventContext,
  OnHubbubEvent,
} from '../index.js';
import { Told } from '../testing/told.js';

describeWithBroker('nats', 'a handler of @OnHubbubEvent', () => {
  let broker: BrokerProcess;
  let gateway: TestGateway;
  let alice: TestClient;
  const services: INestApplicationContext[] = [];

  beforeAll(async () => {
    broker = await BrokerProcess.start('nats');
    gateway = await startGateway({ bus: { type: 'nats', url: broker.url } });
    alice = await gateway.connect('alice');
  });
  afterEach(async () => {
    for (const service of services.splice(0)) await service.close();
  });
  afterAll(async () => {
    await gateway.close();
    await broker.remove();
  });

  const start = async (provider: Type, options: Partial<HubbubClientOptions> = {}) => {
    const imports = [HubbubClientModule.forRoot({ servers: broker.url, name: 'tests', ...options })];
    const module = { module: class ServiceModule {}, imports, providers: [provider] };
    const service = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
    services.push(service);
    return service;
  };
  const say = async (roomId: string, ...contents: unknown[]) => {
    for (const content of contents) await alice.command('room_message', { room_id: roomId, content });
  };
  const room = async (roomId: string) => {
    await alice.command('create_room', { room_id: roomId });
    await alice.command('join_room', { room_id: roomId });
  };

  it('hears the rooms of its pattern, with ephemeral messages if it says so', async () => {
    const some = new Told<unknown>();
    const one = new Told<unknown>();
    @Injectable()
    class Support {
      @OnHubbubEvent('room_message', { room: 'support.*', ephemeral: true })
      some({ content }: EventData<'room_message'>) {
        some.add(content);
      }
      @OnHubbubEvent('room_message', { room: 'support.1' })
      one({ content }: EventData<'room_message'>, _: HubbubEventContext, @EventId() id?: string) {
        one.add([content, id?.split(':')[1]]);
      }
    }
    for (const roomId of ['support.1', 'support.2', 'sales.1']) await room(roomId);
    await start(Support);
    await say('sales.1', 'no');
    await say('support.2', 'two');
    await alice.command('room_message', { room_id: 'support.2', content: 'typing', ephemeral: true });
    await say('support.1', 'one');
    // Of two rooms, and of what is ephemeral, no order is promised.
    expect((await some.count(3)).toSorted()).toEqual(['one', 'two', 'typing'].toSorted());
    expect(await one.count(1)).toEqual([['one', '1']]);
  });

  it('that throws is logged once, and harms neither the next event nor another handler', async () => {
    const told = new Told<unknown>();
    @Injectable()
    class Shaky {
      @OnHubbubEvent('room_message', { room: 'shaky' })
      throws({ content }: EventData<'room_message'>) {
        if (content === 1) throw new Error('broken');
        told.add(content);
      }
      @OnHubbubEvent('room_message', { room: 'shaky' })
      hears({ content }: EventData<'room_message'>) {
        told.add(`also ${String(content)}`);
      }
    }
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    await room('shaky');
    await start(Shaky);
    await say('shaky', 1, 2);
    expect([...(await told.count(3))].sort()).toEqual([2, 'also 1', 'also 2']);
    const fields = { msg: 'event handler failed', handler: 'Shaky.throws', err: new Error('broken') };
    expect(logged.mock.calls).toEqual([[expect.objectContaining(fields)]]);
    logged.mockRestore();
  });

  it('is called for one event of a room after another, and for other rooms meanwhile', async () => {
    const told = new Told<string>();
    let letGo = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    @Injectable()
    class Slow {
      @OnHubbubEvent('room_message', { room: 'slow*' })
      async hear({ room_id, content }: EventData<'room_message'>) {
        if (content === 1) await held;
        told.add(`${room_id} ${String(content)}`);
      }
    }
    await room('slow1');
    await room('slow2');
    await start(Slow);
    await say('slow1', 1, 2);
    await say('slow2', 3);
    expect(await told.count(1)).toEqual(['slow2 3']);
    letGo();
    expect(await told.count(3)).toEqual(['slow2 3', 'slow1 1', 'slow1 2']);
  });

  it('is called in one instance of its service, or in every one', async () => {
    const [shared, every] = [new Told<unknown>(), new Told<unknown>()];
    @Injectable()
    class Counter {
      @OnHubbubEvent('room_message', { room: 'shared' })
      shared({ content }: EventData<'room_message'>) {
        shared.add(content);
      }
      @OnHubbubEvent('room_message', { room: 'shared', everyInstance: true })
      every({ content }: EventData<'room_message'>) {
        every.add(content);
      }
    }
    await room('shared');
    await start(Counter);
    await start(Counter);
    await start(Counter, { name: 'another service' });
    const contents = Array.from({ length: 30 }, (_, at) => at);
    await say('shared', ...contents, 'last');
    await every.count(31 * 3);
    await shared.until((all) => all.filter((content) => content === 'last').length === 2);
    expect(shared.all).toHaveLength(31 * 2);
    expect(new Set(shared.all).size).toBe(31);
  });

  it('passes guards', async () => {
    const told = new Told<unknown>();
    const onlyNumbers = {
      canActivate: (host: ExecutionContext) =>
        typeof host.switchToRpc().getData<EventData<'room_message'>>().content === 'number',
    };
    @Controller()
    @UseGuards(onlyNumbers)
    class Guarded {
      @OnHubbubEvent('room_message', { room: 'guarded' })
      hear({ content }: EventData<'room_message'>) {
        told.add(content);
      }
    }
    await room('guarded');
    await start(Guarded);
    await say('guarded', 'text', 1);
    expect(await told.count(1)).toEqual([1]);
  });

  it('events off: hears nothing once its application has closed', async () => {
    const told = new Told<unknown>();
    @Injectable()
    class Gone {
      @OnHubbubEvent('room_message', { room: 'off', everyInstance: true })
      hear({ content }: EventData<'room_message'>) {
        told.add(content);
      }
    }
    await room('off');
    const [goes, stays] = [await start(Gone), await start(Gone)];
    await say('off', 1);
    await told.count(2);
    await goes.close();
    await say('off', 2, 3);
    await told.until((all) => all.includes(3));
    await stays.close();
    expect(told.all).toEqual([1, 1, 2, 3]);
  });

  it('that nothing could call stops the start', async () => {
    @Injectable()
    class Durable {
      @OnHubbubEvent('room_created', { durable: true })
      hear() {}
    }
    @Injectable()
    class Heard {
      @OnHubbubEvent('room_created')
      hear() {}
    }
    @Injectable({ scope: Scope.REQUEST })
    class OfRequest {
      @OnHubbubEvent('room_created')
      hear() {}
    }
    await expect(start(Durable)).rejects.toThrow('Durable.hear: durable events are handled in controllers');
    await expect(start(OfRequest)).rejects.toThrow('OfRequest.hear: there is no request');
    const unnamed = NestFactory.createApplicationContext(
      {
        module: class {},
        imports: [HubbubClientModule.forRoot({ servers: broker.url })],
        providers: [Heard],
      },
      { logger: false, abortOnError: false },
    );
    await expect(unnamed).rejects.toThrow('Heard.hear: HubbubClientModule needs a `name`');
  });

  it('cannot be of an event that there is not, nor take what the event is not', () => {
    class Wrong {
      // @ts-expect-error there is no such event
      no: unknown = () => OnHubbubEvent('room_exploded');

      // @ts-expect-error the data of this event has another form
      @OnHubbubEvent('room_created')
      other({ seq }: { seq: number }) {
        return seq;
      }

      // @ts-expect-error only events of rooms are of a room
      @OnHubbubEvent('user_online', { room: 'lobby' })
      room() {}

      // @ts-expect-error a durable event is read by one instance
      @OnHubbubEvent('room_created', { durable: true, everyInstance: true })
      both() {}
    }
    expect(() => (new Wrong().no as () => unknown)()).toThrow('there is no event room_exploded');
  });
});
