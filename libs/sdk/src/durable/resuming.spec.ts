import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import type { EventData } from '@hubbub/protocol';
import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Controller, type INestMicroservice, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type HubbubEventContext, HubbubEventsStrategy, OnHubbubEvent } from '../index.js';
import { Cable } from '../testing/cable.js';
import { Told } from '../testing/told.js';

interface Message {
  readonly room: string;
  readonly seq: number;
  readonly id: string;
}

/** A reader of all messages, that stops dead at one of them. */
function reader(told: Told<Message>, hangsAt: (message: Message) => boolean = () => false): Type {
  @Controller()
  class Reader {
    @OnHubbubEvent('room_message', { durable: true })
    async read({ room_id: room, seq = 0 }: EventData<'room_message'>, { id }: HubbubEventContext) {
      const message = { room, seq, id };
      if (hangsAt(message)) await new Promise(() => undefined);
      told.add(message);
    }
  }
  return Reader;
}

describeWithBroker('nats', 'durable events, whatever happens,', () => {
  let broker: BrokerProcess;
  let gateway: TestGateway | undefined;
  const services: INestMicroservice[] = [];

  beforeEach(async () => {
    broker = await BrokerProcess.start('nats');
  });
  afterEach(async () => {
    for (const service of services.splice(0)) await service.close();
    await gateway?.close();
    await broker.remove();
  });

  const startService = async (controller: Type, port = broker.port) => {
    const servers = `nats://127.0.0.1:${port}`;
    const strategy = new HubbubEventsStrategy({
      servers,
      durable: 'reader',
      ackWaitMs: 1000,
      drainMs: 50,
    });
    const module = { module: class ServiceModule {}, controllers: [controller] };
    const service = await NestFactory.createMicroservice(module, { strategy, logger: false });
    services.push(service);
    await service.listen();
  };
  const startTalking = async (rooms: readonly string[]) => {
    gateway = await startGateway({ bus: { type: 'nats', url: broker.url, jetstream: true } });
    const alice = await gateway.connect('alice');
    for (const room_id of rooms) {
      await alice.command('create_room', { room_id });
      await alice.command('join_room', { room_id });
    }
    return alice;
  };
  const say = async (alice: TestClient, rooms: readonly string[], count: number) => {
    for (let n = 0; n < count; n++) {
      for (const room_id of rooms) await alice.command('room_message', { room_id, content: n });
    }
  };
  const seqsIn = (room: string, all: readonly Message[]) =>
    all.filter((one) => one.room === room).map(({ seq }) => seq);
  const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);

  it('are all told where the process is killed in the middle, in order, the repeats with the same id', async () => {
    const rooms = ['r1', 'r2', 'r3'];
    const alice = await startTalking(rooms);
    await say(alice, rooms, 40);
    const [killed, next] = [new Told<Message>(), new Told<Message>()];
    const cable = await Cable.to(broker.port);
    await startService(
      reader(killed, ({ room, seq }) => room === 'r2' && seq === 7),
      cable.port,
    );
    await killed.until((all) => seqsIn('r1', all).length >= 12);
    cable.cut();
    const before = [...killed.all];
    await startService(reader(next));
    await say(alice, rooms, 5);
    await next.until((all) => rooms.every((room) => all.some((one) => one.room === room && one.seq === 45)));
    for (const room of rooms) {
      const [first, ...later] = seqsIn(room, next.all);
      expect([first, ...later]).toEqual(upTo(45).slice((first as number) - 1));
      expect(first).toBeLessThanOrEqual(seqsIn(room, before).length + 1);
    }
    expect(new Set([...before, ...next.all].map(({ id }) => id)).size).toBe(3 * 45);
  }, 30_000);

  it('are told once each where the broker is away for a while', async () => {
    const rooms = ['r1', 'r2'];
    const alice = await startTalking(rooms);
    const told = new Told<Message>();
    await startService(reader(told));
    await say(alice, rooms, 10);
    await told.until((all) => all.length >= 5);
    await broker.stop();
    await say(alice, rooms, 10);
    await broker.start();
    await say(alice, rooms, 10);
    await told.until((all) => rooms.every((room) => all.some((one) => one.room === room && one.seq === 30)));
    for (const room of rooms) expect(seqsIn(room, told.all)).toEqual(upTo(30));
  }, 30_000);

  it('are told of a stream that was made anew, whose places are those of others', async () => {
    const alice = await startTalking(['r1']);
    const told = new Told<Message>();
    await startService(reader(told));
    await say(alice, ['r1'], 5);
    await told.count(5);
    const nats = await connect({ servers: broker.url });
    await (await jetstreamManager(nats)).streams.delete('HUBBUB_EVENTS');
    await nats.close();
    await say(alice, ['r1'], 5);
    await told.until((all) => all.some(({ seq }) => seq === 10));
    expect(seqsIn('r1', told.all)).toEqual(upTo(10));
  }, 30_000);

  it('are waited for where there is no stream yet', async () => {
    const told = new Told<Message>();
    await startService(reader(told));
    const alice = await startTalking(['r1']);
    await say(alice, ['r1'], 3);
    expect(seqsIn('r1', await told.count(3))).toEqual([1, 2, 3]);
  }, 30_000);
});
