import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import { Metrics } from '@hubbub/observability';
import { Database } from '@hubbub/storage';
import { startGateway, type TestGateway } from '@hubbub/testing';
import { connect, headers, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import { Controller, Module } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, NatsContext, Payload } from '@nestjs/microservices';
import { of } from 'rxjs';

interface RawAnswer {
  readonly id?: string;
  readonly response?: Record<string, unknown>;
  readonly err?: { readonly code: number; readonly name: string; readonly details?: unknown };
  readonly isDisposed?: boolean;
}

/** Commands that an application adds. */
@Controller()
class DiceController {
  static rolled: unknown[] = [];

  @MessagePattern('hubbub.cmd.dice.*')
  roll(@Payload() payload: { sides: number }, @Ctx() context: NatsContext) {
    return of({ by: context.getSubject().split('.').at(-1), sides: payload.sides });
  }

  @MessagePattern('hubbub.cmd.break')
  break(): never {
    throw new Error('secret 4711');
  }

  @EventPattern('hubbub.cmd.told')
  told(@Payload() payload: unknown): void {
    DiceController.rolled.push(payload);
  }
}

@Module({ controllers: [DiceController] })
class DiceModule {}

/** As they are on the wire, asked by who has no library of ours or of Nest. */
describeWithBroker('nats', 'commands on the wire', () => {
  let broker: BrokerProcess;
  let gateways: TestGateway[];
  let raw: NatsConnection;
  let token: string;

  const start = (nodeId: string, config: object = {}, dataDir?: string) =>
    startGateway({
      bus: { type: 'nats', url: broker.url },
      log: { level: 'fatal' },
      ...config,
      cluster: { nodeId },
      imports: [DiceModule],
      ...(dataDir === undefined ? {} : { dataDir }),
    });

  beforeAll(async () => {
    broker = await BrokerProcess.start('nats');
    const first = await start('n1');
    gateways = [first, await start('n2', {}, first.dataDir)];
    raw = await connect({ servers: broker.url });
    token = first.token('service:raw', { permissions: ['admin:system'] });
  });
  afterAll(async () => {
    await raw.close();
    for (const gateway of gateways.toReversed()) await gateway.close();
    await broker.remove();
  });

  const ask = async (name: string, payload: unknown, head?: MsgHdrs): Promise<RawAnswer> => {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const answer = await raw.request(`hubbub.cmd.${name}`, text, { timeout: 8000, ...(head && { headers: head }) });
    return answer.json();
  };
  const counted = (gateway: TestGateway, type: string) =>
    gateway.app
      .get(Metrics, { strict: false })
      .serviceCommands.samples()
      .filter(({ labels }) => labels['type'] === type)
      .reduce((sum, { value }) => sum + value, 0);

  it('are packets of Nest, or the payload alone, with the token in it or in a header', async () => {
    expect(await ask('create_room', { pattern: 'any', id: 'x1', data: { token, room_id: 'wire' } })).toMatchObject({
      ...{ id: 'x1', isDisposed: true, response: { room: { id: 'wire' } } },
    });
    expect(await ask('get_room', { token, room_id: 'wire' })).toMatchObject({ response: { room: { id: 'wire' } } });
    const head = headers();
    head.set('Authorization', `Bearer ${token}`);
    expect(await ask('stats', '', head)).toMatchObject({ response: { cluster_mode: true } });
    head.set('Authorization', 'Basic xyz');
    expect(await ask('stats', '', head)).toMatchObject({ err: { code: 2003 } });
  });

  it('keep a content to the character', async () => {
    const text = '{"b":1.0,"a":1e3,"c":"\\u00e9\\/"}';
    await ask('room_message', `{"token":"${token}","room_id":"wire","content":${text}}`);
    await ask(
      'room_message',
      `{"pattern":"x","data":{"token":"${token}","room_id":"wire","content":[12345678901234567890]}}`,
    );
    const answer = await raw.request('hubbub.cmd.room_history', JSON.stringify({ token, room_id: 'wire' }));
    expect(answer.string()).toContain(`"content":${text}`);
    expect(answer.string()).toContain('"content":[12345678901234567890]');
  });

  it.each([
    ['no JSON', 'no json', 1001],
    ['a broken packet', '{"pattern":"x","data":', 1001],
    ['no object', '[1]', 2000],
    ['null', 'null', 2000],
    ['nesting without end', '['.repeat(30_000) + ']'.repeat(30_000), 1001],
    ['what is larger than a message may be', JSON.stringify({ content: 'x'.repeat(200_000) }), 4002],
    ['bytes that are no UTF-8', '\ud800', 1001],
  ])('that are %s are answered', async (_, text, code) => {
    expect(await ask('room_message', text)).toMatchObject({ err: { code }, isDisposed: true });
  });

  it('that nobody handles are answered with UnknownType, and counted together', async () => {
    for (const name of ['made_up', 'room_message.more', 'toString']) {
      expect(await ask(name, { token })).toMatchObject({ err: { code: 1006, name: 'UnknownType' } });
    }
    expect(counted(gateways[0]!, 'unknown') + counted(gateways[1]!, 'unknown')).toBeGreaterThanOrEqual(3);
    expect(counted(gateways[0]!, 'made_up') + counted(gateways[1]!, 'made_up')).toBe(0);
  });

  it('of an application are served beside, with nothing told of what breaks', async () => {
    expect(await ask('dice.bob', { sides: 6 })).toMatchObject({ response: { by: 'bob', sides: 6 } });
    const broken = await ask('break', {});
    expect(broken).toMatchObject({ err: expect.anything() });
    expect(JSON.stringify(broken)).not.toContain('4711');
    raw.publish('hubbub.cmd.told', JSON.stringify({ pattern: 'hubbub.cmd.told', data: 'once' }));
    for (let n = 0; n < 20 || DiceController.rolled.length === 0; n++) await ask('dice.bob', { sides: 6 });
    expect(DiceController.rolled).toEqual(['once']);
  });

  it('are answered once, by one node, and shared among those that listen', async () => {
    const before = gateways.map((gateway) => counted(gateway, 'get_room'));
    const inbox = 'answers.here';
    const answers: unknown[] = [];
    const all = new Promise<void>((resolve) => {
      raw.subscribe(inbox, {
        callback: (_, message) => {
          if (answers.push(message.json()) === 200) resolve();
        },
      });
    });
    for (let n = 0; n < 200; n++) {
      raw.publish(
        'hubbub.cmd.get_room',
        JSON.stringify({ pattern: '', id: `${n}`, data: { token, room_id: 'wire' } }),
        {
          reply: inbox,
        },
      );
    }
    await all;
    await Promise.all(gateways.map(() => ask('stats', { token })));
    expect(new Set(answers.map((answer) => (answer as RawAnswer).id)).size).toBe(200);
    expect(answers).toHaveLength(200);
    const taken = gateways.map((gateway, index) => counted(gateway, 'get_room') - before[index]!);
    expect(taken[0]! + taken[1]!).toBe(200);
    expect(Math.min(...taken)).toBeGreaterThan(20);
  });

  it('are all answered while a node goes', async () => {
    const third = await start('n3', {}, gateways[0]!.dataDir);
    const burst = () => Promise.all(Array.from({ length: 20 }, () => ask('get_room', { token, room_id: 'wire' })));
    const asked = burst();
    const fate = { isGone: false };
    const going = third.close().then(() => Object.assign(fate, { isGone: true }));
    const answers = await asked;
    while (!fate.isGone) answers.push(...(await burst()));
    await going;
    expect(answers.filter(({ response }) => response === undefined)).toEqual([]);
  });

  it('that take longer than limits.command_timeout_ms are answered with Timeout', async () => {
    const gateway = await start('n4', { bus: { type: 'nats', url: broker.url }, limits: { commandTimeoutMs: 200 } });
    const alone = await connect({ servers: broker.url });
    let letGo = () => {};
    const held = gateway.app.get(Database, { strict: false }).transaction(
      () =>
        new Promise<void>((resolve) => {
          letGo = resolve;
        }),
    );
    // Of three nodes one is slow: it is asked until it was the one that took a command.
    let slow: RawAnswer = {};
    while (slow.err === undefined) {
      slow = (await alone.request('hubbub.cmd.create_room', JSON.stringify({ token }), { timeout: 8000 })).json();
    }
    expect(slow.err).toMatchObject({ code: 1004, name: 'Timeout', retryable: true });
    letGo();
    await held;
    await alone.close();
    await gateway.close();
  });
});

describeWithBroker('nats', 'services that NATS itself lets in', () => {
  let broker: BrokerProcess;
  beforeAll(async () => {
    broker = await BrokerProcess.start('nats');
  });
  afterAll(() => broker.remove());

  it('need no token where services.trust_nats says so, and are held to their rate', async () => {
    const gateway = await startGateway({
      bus: { type: 'nats', url: broker.url },
      services: { trustNats: true, commandsPerS: 5 },
    });
    const raw = await connect({ servers: broker.url });
    const ask = async (name: string, data: object): Promise<RawAnswer> =>
      (await raw.request(`hubbub.cmd.${name}`, JSON.stringify(data), { timeout: 8000 })).json();
    expect(await ask('create_room', { room_id: 'trusted' })).toMatchObject({ response: { room: { id: 'trusted' } } });
    expect(await ask('stats', { token: 'broken' })).toMatchObject({ err: { code: 2003 } });
    const poor = gateway.token('service:poor', { permissions: [] });
    expect(await ask('stats', { token: poor })).toMatchObject({ err: { code: 2001 } });
    let last: RawAnswer = {};
    while (last.err === undefined) last = await ask('get_room', { room_id: 'trusted' });
    expect(last.err).toMatchObject({ code: 1005, retry_after_ms: expect.any(Number) });
    expect(await ask('get_room', { token: gateway.token('service:other'), room_id: 'trusted' })).toMatchObject({
      response: { room: { id: 'trusted' } },
    });
    await raw.close();
    await gateway.close();
  });

  it('find nobody where the gateway is away, and are served again when the broker is back', async () => {
    const raw = await connect({ servers: broker.url, reconnectTimeWait: 50, maxReconnectAttempts: -1 });
    await expect(raw.request('hubbub.cmd.stats', '{}')).rejects.toThrow(/no responders/i);
    const gateway = await startGateway({ bus: { type: 'nats', url: broker.url }, services: { trustNats: true } });
    await raw.request('hubbub.cmd.stats', '{}');
    await broker.stop();
    await broker.start();
    let stats: RawAnswer | undefined;
    while (stats === undefined) {
      const answer = await raw.request('hubbub.cmd.stats', '{}', { timeout: 1000 }).catch(() => undefined);
      stats = answer?.json<RawAnswer>();
    }
    expect(stats.response).toMatchObject({ client_count: 0 });
    await raw.close();
    await gateway.close();
  });
});
