import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';

/** PROTOCOL §2, §8, §9 and SEEDS 1, 2, 9, 11: every frame has one answer, and none ends the process. */
describe('envelope', () => {
  let gateway: TestGateway;
  let client: TestClient;

  beforeAll(async () => {
    gateway = await startGateway({ limits: { malformedFrames: 50 } });
  });
  beforeEach(async () => {
    client = await gateway.connect('alice');
    await client.nextFrame();
  });
  afterEach(() => client.close());
  afterAll(() => gateway.close());

  it.each(['not json', '', '[]', 'null', '"x"', '{', '{}', '{"message_type":7}', '{"message_type":"a b"}', '\u0000'])(
    'SEEDS 1: answers %j with 1001 and lives',
    async (frame) => {
      client.sendFrame(frame);
      const answer = await client.nextFrame();
      expect(answer).toEqual({
        message_type: 'error',
        timestamp: expect.any(Number),
        data: { code: 1001, name: 'InvalidFormat', message: expect.any(String), retryable: false },
      });
      await client.settle();
    },
  );

  it.each([-1, 1.5, 2 ** 53, '', 'x'.repeat(65), {}, [], null, true])(
    'answers message_id %j with 1002',
    async (message_id) => {
      client.sendFrame({ message_type: 'ping', message_id });
      const answer = await client.nextFrame();
      expect(answer.data).toMatchObject({ code: 1002 });
      expect(answer).not.toHaveProperty('request_id');
    },
  );

  it('SEEDS 2: keeps the type of request_id, 0 included, and leaves it out where there was none', async () => {
    for (const message_id of [0, 7, '7', 'é'.repeat(64), Number.MAX_SAFE_INTEGER]) {
      client.sendFrame({ message_type: 'ping', message_id });
      expect((await client.nextFrame()).request_id).toBe(message_id);
    }
    client.sendFrame({ message_type: 'ping' });
    expect(await client.nextFrame()).not.toHaveProperty('request_id');
  });

  it('answers an unknown type with 1006, names of Object.prototype too', async () => {
    for (const type of ['nothing', '__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      await expect(client.command(type)).rejects.toMatchObject({ code: 1006 });
    }
  });

  it('answers wrong data with 1001, with paths and without the payload', async () => {
    const answer = await client.request('join_room', { room_id: 's3cret room!' });
    expect(answer.data).toMatchObject({ code: 1001, details: [{ path: '/room_id', message: expect.any(String) }] });
    expect(JSON.stringify(answer)).not.toContain('s3cret');
    for (const data of [
      null,
      7,
      [],
      'x',
      { room_id: 7 },
      { room_id: { $ne: '' } },
      JSON.parse('{"__proto__":{"room_id":"a"}}'),
    ]) {
      expect((await client.request('join_room', data)).data).toMatchObject({ code: 1001 });
    }
    for (const data of [{ limit: -1 }, { limit: 0 }, { limit: 201 }, { limit: 1.5 }]) {
      expect((await client.request('list_rooms', data)).data).toMatchObject({ code: 1001 });
    }
  });

  it('answers nesting deeper than 64 with 1001', async () => {
    client.sendFrame(`{"message_type":"ping","message_id":1,"data":${'['.repeat(5000)}${']'.repeat(5000)}}`);
    expect(await client.nextFrame()).toMatchObject({ request_id: 1, data: { code: 1001 } });
  });

  it('takes a binary frame as the same JSON and answers as text', async () => {
    client.sendFrame(Buffer.from('{"message_type":"ping","message_id":5,"data":{"ts":3}}'));
    expect(await client.nextFrame()).toMatchObject({ message_type: 'pong', request_id: 5, data: { ts: 3 } });
  });

  it('runs the commands of a connection in order, and answers in that order', async () => {
    const room_id = `ordered-${Date.now()}`;
    const commands: [string, unknown][] = [
      ['create_room', { room_id }],
      ['join_room', { room_id }],
      ['room_message', { room_id, content: 1 }],
      ['ping', {}],
      ['room_message', { room_id, content: 2 }],
      ['room_history', { room_id }],
      ['leave_room', { room_id }],
      ['room_message', { room_id, content: 3 }],
      ['nonsense', {}],
    ];
    const answers = await Promise.all(commands.map(([type, data]) => client.request(type, data)));
    // On a slow machine he is told of his own coming, too, before the last answer.
    const received = client.frames.map((frame) => frame.request_id).filter((id) => id !== undefined);
    expect(received).toEqual(answers.map((frame) => frame.request_id));
    expect(answers.map((frame) => frame.message_type)).toEqual([
      'room_created',
      'room_joined',
      'room_message_sent',
      'pong',
      'room_message_sent',
      'room_history',
      'room_left',
      'error',
      'error',
    ]);
    expect(answers[5]?.data['messages']).toHaveLength(2);
    expect(answers[7]?.data['code']).toBe(3003);
  });

  it('SEEDS 11: answers a frame over the limit with 4002, then closes with 1009', async () => {
    client.sendFrame(JSON.stringify({ message_type: 'ping', data: 'x'.repeat(65_536) }));
    expect((await client.nextFrame()).data).toMatchObject({ code: 4002 });
    expect(await client.closed).toMatchObject({ code: 1009 });
  });

  it('takes no more than 4096 bytes a frame before authentication', async () => {
    const stranger = await gateway.open();
    stranger.sendFrame(JSON.stringify({ message_type: 'ping', data: 'x'.repeat(5000) }));
    expect(await stranger.closed).toMatchObject({ code: 1009 });
  });

  it('closes with 4504 after too many frames a minute that were no envelope', async () => {
    for (let n = 0; n <= 50; n++) client.sendFrame('{');
    expect(await client.closed).toMatchObject({ code: 4504 });
  });

  it('SEEDS 9: a protocol ping is answered, and a close has its own code', async () => {
    const pong = new Promise((resolve) => client.socket.once('pong', resolve));
    client.socket.ping();
    await pong;
    expect(await client.close()).toMatchObject({ code: 1000 });
  });
});

describe('rate limit', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ limits: { commandsPerS: 1, commandsBurst: 3, rateCloseAfterMs: 300 } });
  });
  afterAll(() => gateway.close());

  it('answers 1005 with retry_after_ms over the limit, and closes with 4002 who never pauses', async () => {
    const client = await gateway.connect('hasty');
    const answers = await Promise.all(Array.from({ length: 5 }, () => client.request('ping')));
    expect(answers.map((frame) => frame.message_type)).toEqual(['pong', 'pong', 'pong', 'error', 'error']);
    expect(answers[4]?.data).toMatchObject({ code: 1005, retryable: true, retry_after_ms: expect.any(Number) });
    const hammer = setInterval(() => client.sendFrame({ message_type: 'ping' }), 5);
    expect(await client.closed).toMatchObject({ code: 4002 });
    clearInterval(hammer);
  });
});

describe('heartbeat', () => {
  it('closes with 4000 who gives no sign of life, and keeps who answers', async () => {
    const gateway = await startGateway({ heartbeat: { intervalMs: 100, timeoutMs: 100 } });
    const [dead, alive] = [
      await gateway.open({ token: gateway.token('dead'), autoPong: false }),
      await gateway.connect('alive'),
    ];
    expect(await dead.closed).toMatchObject({ code: 4000 });
    await alive.settle();
    await gateway.close();
  });

  it('SEEDS 9: takes a protocol ping for a sign of life', async () => {
    const gateway = await startGateway({ heartbeat: { intervalMs: 100, timeoutMs: 100 } });
    const pinging = await gateway.open({ token: gateway.token('pinging'), autoPong: false });
    // Never a pong: at every ping one of its own.
    pinging.socket.on('ping', () => pinging.socket.ping());
    for (const name of ['silent', 'silent later']) {
      const silent = await gateway.open({ token: gateway.token(name), autoPong: false });
      expect(await silent.closed).toMatchObject({ code: 4000 });
    }
    await pinging.settle();
    await gateway.close();
  });
});
