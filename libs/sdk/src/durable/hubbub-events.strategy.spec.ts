import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import type { EventData } from '@hubbub/protocol';
import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import {
  type CallHandler,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  type INestMicroservice,
  Injectable,
  type NestInterceptor,
  type Type,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { of } from 'rxjs';
import { type DeadLetter, EventId, type HubbubEventContext, HubbubEventsStrategy, OnHubbubEvent } from '../index.js';
import { Told } from '../testing/told.js';
import type { HubbubEventsOptions } from './hubbub-events.options.js';

type Message = EventData<'room_message'>;

describeWithBroker('nats', 'durable events', () => {
  let broker: BrokerProcess;
  let gateway: TestGateway;
  let alice: TestClient;
  const services: INestMicroservice[] = [];

  beforeAll(async () => {
    broker = await BrokerProcess.start('nats');
    gateway = await startGateway({ bus: { type: 'nats', url: broker.url, jetstream: true } });
    alice = await gateway.connect('alice', { permissions: ['admin:system'] });
  });
  afterEach(async () => {
    for (const service of services.splice(0)) await service.close();
  });
  afterAll(async () => {
    await gateway.close();
    await broker.remove();
  });

  const start = async (controller: Type, options: Partial<HubbubEventsOptions> & { durable: string }) => {
    const strategy = new HubbubEventsStrategy({ servers: broker.url, retryMs: 10, ackWaitMs: 1000, ...options });
    class ServiceModule {}
    const module = { module: ServiceModule, controllers: [controller] };
    const service = await NestFactory.createMicroservice(module, { strategy, logger: false });
    await service.listen();
    services.push(service);
    return service;
  };
  const room = async (roomId: string) => {
    await alice.command('create_room', { room_id: roomId });
    await alice.command('join_room', { room_id: roomId });
    return (content: unknown) => alice.command('room_message', { room_id: roomId, content });
  };
  const deadLetters = async (durable: string): Promise<DeadLetter[]> => {
    const nats = await connect({ servers: broker.url });
    const { streams } = await jetstreamManager(nats);
    const { messages } = (await streams.info('HUBBUB_DEAD_LETTERS')).state;
    const all = await Promise.all(
      Array.from({ length: messages }, (_, at) => streams.getMessage('HUBBUB_DEAD_LETTERS', { seq: at + 1 })),
    );
    await nats.close();
    return all
      .flatMap((message) => message?.json<{ data: DeadLetter }>().data ?? [])
      .filter((letter) => letter.durable === durable);
  };

  it('are told to a handler of Nest, with the id by which a repeat is known', async () => {
    const told = new Told<[Message, string, string | undefined, HubbubEventContext]>();
    @Controller()
    class Reader {
      @OnHubbubEvent('room_message', { durable: true, room: 'first.*' })
      read(message: Message, context: HubbubEventContext, @EventId() id?: string) {
        told.add([message, context.id, id, context]);
      }
    }
    const say = await room('first.one');
    const other = await room('other');
    await other('not for it');
    const { epoch } = await say({ hello: 1 });
    await start(Reader, { durable: 'first' });
    const [[message, id, same, context]] = (await told.count(1)) as [[Message, string, string, HubbubEventContext]];
    expect(message).toMatchObject({ room_id: 'first.one', epoch, seq: 1, sender_id: 'alice', content: { hello: 1 } });
    expect([id, same]).toEqual([`${epoch}:1`, `${epoch}:1`]);
    expect(context).toMatchObject({
      type: 'room_message',
      attempt: 1,
      isRepeated: false,
      streamSeq: expect.any(Number),
    });
    await say('after');
    expect((await told.count(2)).map(([{ content }]) => content)).toEqual([{ hello: 1 }, 'after']);
  });

  it('go on where the service stopped', async () => {
    const told = new Told<unknown>();
    @Controller()
    class Reader {
      @OnHubbubEvent('room_message', { durable: true, room: 'resumed' })
      read({ content }: Message) {
        told.add(content);
      }
    }
    const say = await room('resumed');
    const service = await start(Reader, { durable: 'resumed' });
    await say(1);
    await told.count(1);
    await service.close();
    await say(2);
    await say(3);
    await start(Reader, { durable: 'resumed' });
    await say(4);
    expect(await told.count(4)).toEqual([1, 2, 3, 4]);
  });

  it('begin with what is new where the service says so', async () => {
    const told = new Told<unknown>();
    @Controller()
    class Reader {
      @OnHubbubEvent('room_message', { durable: true, room: 'late' })
      read({ content }: Message) {
        told.add(content);
      }
    }
    const say = await room('late');
    await say('before');
    await start(Reader, { durable: 'late', from: 'new' });
    await say('after');
    expect(await told.count(1)).toEqual(['after']);
  });

  it('are told again when the handler throws, before anything that came after them in their room', async () => {
    const told = new Told<[unknown, number, boolean]>();
    @Controller()
    class Reader {
      @OnHubbubEvent('room_message', { durable: true })
      read({ room_id, content }: Message, { attempt, isRepeated }: HubbubEventContext) {
        if (room_id !== 'shaky') return;
        told.add([content, attempt, isRepeated]);
        if (content === 1 && attempt < 3) throw new Error('not yet');
      }
    }
    const say = await room('shaky');
    for (const content of [1, 2]) await say(content);
    await start(Reader, { durable: 'shaky' });
    expect(await told.count(4)).toEqual([
      [1, 1, false],
      [1, 2, true],
      [1, 3, true],
      [2, 1, false],
    ]);
  });

  it('do not hold up other rooms meanwhile', async () => {
    const told = new Told<string>();
    let letGo = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    @Controller()
    class Reader {
      @OnHubbubEvent('room_message', { durable: true, room: 'lane*' })
      async read({ room_id, content }: Message) {
        if (content === 'slow') await held;
        told.add(`${room_id} ${String(content)}`);
      }
    }
    const [one, other] = [await room('lane1'), await room('lane2')];
    await one('slow');
    await one('behind');
    await other('beside');
    const nats = await connect({ servers: broker.url });
    const extended = new Told<string>();
    nats.subscribe('$JS.ACK.HUBBUB_EVENTS.lanes.>', {
      callback: (_, message) => {
        if (message.string() === '+WPI') extended.add(message.subject);
      },
    });
    await nats.flush();
    await start(Reader, { durable: 'lanes', ackWaitMs: 400 });
    expect(await told.count(1)).toEqual(['lane2 beside']);
    // Longer than the stream waits for an acknowledgement: it is told that the two are held, four times in that time.
    await extended.count(2 * 8);
    letGo();
    expect(await told.count(3)).toEqual(['lane2 beside', 'lane1 slow', 'lane1 behind']);
    await one('last');
    expect((await told.count(4)).slice(3)).toEqual(['lane1 last']);
    await nats.close();
  });

  it('of rooms whose handler fails take no place from other rooms between their attempts', async () => {
    const told = new Told<unknown>();
    @Controller()
    class Reader {
      @OnHubbubEvent('room_message', { durable: true, room: 'failing*' })
      read({ content }: Message) {
        told.add(content);
        if (content === 'bad') throw new Error('not now');
      }
    }
    for (const at of [1, 2]) await (await room(`failing${at}`))('bad');
    await (await room('failing-not'))('good');
    // The next attempt is so far away that nothing of this test waits for it.
    await start(Reader, { durable: 'failing', concurrency: 2, retryMs: 60_000 });
    expect(await told.count(3)).toEqual(['bad', 'bad', 'good']);
  });

  it('are given up after so many attempts, with a dead letter that says why and has nothing of the content', async () => {
    const told = new Told<unknown>();
    @Controller()
    class Reader {
      @OnHubbubEvent('room_message', { durable: true, room: 'dead' })
      read({ content }: Message) {
        told.add(content);
        if (content === 'poison') throw new TypeError('cannot swallow');
      }
      @OnHubbubEvent('room_message', { durable: true, room: 'dead' })
      beside({ content }: Message) {
        told.add(`beside ${String(content)}`);
      }
    }
    const say = await room('dead');
    await say('poison');
    await say('food');
    await start(Reader, { durable: 'dead', attempts: 3 });
    await told.until((all) => all.includes('food') && all.includes('beside food'));
    expect(told.all.filter((content) => content === 'poison')).toHaveLength(3);
    // Who did not throw is not told again.
    expect(told.all.filter((content) => content === 'beside poison')).toHaveLength(1);
    const [letter, ...others] = await deadLetters('dead');
    expect(others).toEqual([]);
    expect(letter).toEqual({
      durable: 'dead',
      handler: 'Reader.read',
      event_id: expect.stringMatching(/:1$/),
      type: 'room_message',
      subject: 'hubbub.evt.room.dead.room_message',
      stream_seq: expect.any(Number),
      attempts: 3,
      reason: 'TypeError: cannot swallow',
      timestamp: expect.any(Number),
    });
  });

  it('that are none are given up without a handler', async () => {
    const told = new Told<unknown>();
    @Controller()
    class Reader {
      @OnHubbubEvent('room_message', { durable: true, room: 'odd' })
      read({ content }: Message) {
        told.add(content);
      }
    }
    const say = await room('odd');
    const nats = await connect({ servers: broker.url });
    for (const payload of ['no json', '{"pattern":"x"}', 'null']) {
      nats.publish('hubbub.evt.room.odd.room_message', payload);
    }
    await nats.flush();
    await nats.close();
    await say('sound');
    await start(Reader, { durable: 'odd' });
    expect(await told.count(1)).toEqual(['sound']);
    const letter = { handler: null, event_id: '', reason: 'The event is not a packet of JSON.' };
    expect(await deadLetters('odd')).toMatchObject([letter, letter, letter]);
  });

  it('are shared by the instances of a service, each event told to one', async () => {
    const told = new Told<unknown>();
    const instance = (name: string): Type => {
      @Controller()
      class Reader {
        @OnHubbubEvent('room_message', { durable: true, room: 'shared*' })
        read({ room_id, content }: Message) {
          told.add(`${name} ${room_id} ${String(content)}`);
        }
      }
      return Reader;
    };
    await start(instance('one'), { durable: 'shared' });
    await start(instance('other'), { durable: 'shared' });
    const say = await Promise.all(['shared1', 'shared2'].map(room));
    for (let n = 0; n < 30; n++) for (const one of say) await one(n);
    const all = await told.count(60);
    expect(new Set(all.map((one) => String(one).split(' ').slice(1).join(' '))).size).toBe(60);
    expect(new Set(all.map((one) => String(one).split(' ')[0]))).toEqual(new Set(['one', 'other']));
  });

  it('are told to each of two services that read the stream at once', async () => {
    const told = new Told<string>();
    const reader = (service: string): Type => {
      @Controller()
      class Reader {
        @OnHubbubEvent('room_message', { durable: true, room: 'both' })
        read({ content }: Message) {
          told.add(`${service} ${String(content)}`);
        }
      }
      return Reader;
    };
    await start(reader('audit'), { durable: 'audit' });
    await start(reader('search'), { durable: 'search' });
    const say = await room('both');
    for (const content of [1, 2]) await say(content);
    expect([...(await told.count(4))].sort()).toEqual(['audit 1', 'audit 2', 'search 1', 'search 2']);
  });

  it('pass guards and interceptors, and a filter may decide that all is well', async () => {
    const told = new Told<string>();
    @Injectable()
    class NotRefused {
      canActivate(host: ExecutionContext) {
        return host.switchToRpc().getData<Message>().content !== 'refused';
      }
    }
    @Injectable()
    class Around implements NestInterceptor {
      intercept(host: ExecutionContext, next: CallHandler) {
        told.add(`around ${host.switchToRpc().getContext<HubbubEventContext>().type}`);
        return next.handle();
      }
    }
    @Catch(RangeError)
    class Tolerant implements ExceptionFilter {
      catch({ message }: RangeError) {
        told.add(message);
        return of(undefined);
      }
    }
    @Controller()
    @UseGuards(NotRefused)
    class Reader {
      @OnHubbubEvent('room_message', { durable: true, room: 'guarded' })
      @UseInterceptors(Around)
      @UseFilters(Tolerant)
      read({ content }: Message) {
        if (content === 'tolerated') throw new RangeError(content);
        told.add(String(content));
      }
    }
    const say = await room('guarded');
    for (const content of ['refused', 'tolerated', 'let in']) await say(content);
    await start(Reader, { durable: 'guarded', attempts: 1 });
    const around = 'around room_message';
    expect(await told.count(4)).toEqual([around, 'tolerated', around, 'let in']);
    expect(await deadLetters('guarded')).toMatchObject([{ handler: 'Reader.read', reason: 'Forbidden resource' }]);
  });

  it('that run at shutdown are waited for, and what has not begun is told next time', async () => {
    const told = new Told<string>();
    let letGo = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    @Controller()
    class Reader {
      @OnHubbubEvent('room_message', { durable: true, room: 'closing' })
      async read({ content }: Message, { isRepeated }: HubbubEventContext) {
        told.add(`begun ${String(content)}${isRepeated ? ' again' : ''}`);
        await held;
        told.add(`ended ${String(content)}`);
      }
    }
    const say = await room('closing');
    for (const content of [1, 2, 3]) await say(content);
    const service = await start(Reader, { durable: 'closing' });
    await told.count(1);
    const closed = service.close();
    letGo();
    await closed;
    expect(told.all).toEqual(['begun 1', 'ended 1']);
    await start(Reader, { durable: 'closing' });
    await told.until((all) => all.includes('ended 3'));
    expect(told.all.slice(2).map((one) => one.replace(' again', ''))).toEqual([
      'begun 2',
      'ended 2',
      'begun 3',
      'ended 3',
    ]);
  });
});
