import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import { type Fact, HubbubClientModule, HubbubFacts, isHubbubError } from '@hubbub/sdk';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

const STREAM = { name: 'BILLING', subjects: 'billing.evt.>' };
const paid: Fact = { subject: 'billing.evt.order.1.paid', id: 'order-1-paid', data: { order: 1 } };

describeWithBroker('nats', 'HubbubFacts', () => {
  let broker: BrokerProcess;
  let app: INestApplicationContext;
  let nats: NatsConnection;
  let facts: HubbubFacts;

  beforeAll(async () => {
    broker = await BrokerProcess.start('nats');
    nats = await connect({ servers: broker.url });
    const module = HubbubClientModule.forRoot({ servers: broker.url, timeoutMs: 2000 });
    app = await NestFactory.createApplicationContext(module, { logger: false });
    facts = app.get(HubbubFacts);
  });
  afterAll(async () => {
    await app.close();
    await nats.close();
    await broker.remove();
  });

  const stored = async () => {
    const { streams } = await jetstreamManager(nats);
    const { messages, last_seq: last } = (await streams.info(STREAM.name)).state;
    const message = await streams.getMessage(STREAM.name, { seq: last });
    return { messages, packet: message?.json(), id: message?.header.get('Nats-Msg-Id') };
  };

  it('keeps a fact once, as a packet of Nest, in a stream that it makes', async () => {
    await facts.publish(STREAM, paid);
    await facts.publish(STREAM, paid);
    expect(await stored()).toEqual({ messages: 1, packet: { pattern: paid.subject, data: paid.data }, id: paid.id });
  });

  it('says what no repetition makes right', async () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const publish = (data: unknown) => facts.publish(STREAM, { ...paid, data });
    await expect(publish(circle)).rejects.toMatchObject({ name: 'InvalidFormat', retryable: false });
    await expect(publish('x'.repeat(2 ** 20))).rejects.toMatchObject({ name: 'MessageTooLarge', retryable: false });
  });

  it('leaves the stream as an operator has changed it', async () => {
    const { streams } = await jetstreamManager(nats);
    await streams.update(STREAM.name, { max_msgs: 10 });
    await facts.publish(STREAM, { ...paid, id: 'order-1-paid again' });
    expect((await streams.info(STREAM.name)).config.max_msgs).toBe(10);
  });

  it('makes a stream again that was removed meanwhile', async () => {
    await (await jetstreamManager(nats)).streams.delete(STREAM.name);
    await expect(facts.publish(STREAM, paid)).rejects.toMatchObject({ name: 'ServerError', retryable: true });
    await facts.publish(STREAM, paid);
    expect(await stored()).toMatchObject({ messages: 1, id: paid.id });
  });

  it('says that it is not known where the broker is away, and finds the same stream when it is back', async () => {
    await broker.stop();
    await expect(facts.publish(STREAM, paid)).rejects.toMatchObject({ name: 'ServerError', retryable: true });
    await broker.start();
    const publish = () => facts.publish(STREAM, paid);
    while (!(await publish().then(() => true, isAway)));
    await nats.close();
    nats = await connect({ servers: broker.url });
    expect(await stored()).toMatchObject({ messages: 1, id: paid.id });
  }, 60_000);
});

function isAway(error: unknown): false {
  if (isHubbubError(error) && error.retryable) return false;
  throw error;
}
