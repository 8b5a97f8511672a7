import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHubbub, HubbubConfig, HubbubModule, SchemaPipe } from '@hubbub/hubbub';
import { Injectable, Module } from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import Type, { type Static } from 'typebox';
import { startCluster, startGateway, type TestClient, TestGateway } from './index.js';

const Count = Type.Object({ to: Type.Integer() });

@Injectable()
class Dice {
  roll(sides: number): number {
    return 1 + Math.floor(Math.random() * sides);
  }
}

@WebSocketGateway()
class GameGateway {
  cancelled = 0;
  constructor(private readonly dice: Dice) {}

  @SubscribeMessage('roll_dice')
  roll() {
    return { value: this.dice.roll(6) };
  }

  @SubscribeMessage('count')
  async *count(@MessageBody(new SchemaPipe(Count)) { to }: Static<typeof Count>) {
    try {
      for (let n = 1; n <= to; n++) yield { n };
    } finally {
      this.cancelled++;
    }
  }
}

@Module({ providers: [GameGateway, Dice] })
class GameModule {}

/** As an application has it: with the configuration that it runs with. */
const running = HubbubConfig.from({
  auth: { secret: 'nobody signs with this in a test, ever' },
  bus: { type: 'memory' },
});
@Module({ imports: [GameModule, HubbubModule.forRoot(running, { without: ['watch_online'] })] })
class AppModule {}

const loaded = { provide: Dice, useValue: { roll: () => 6 } };

describe('a gateway of tests', () => {
  it('starts in a line with a gateway class, and ends with its block', async () => {
    let closed: Promise<unknown>;
    {
      await using gateway = await startGateway({ providers: [GameGateway, Dice] });
      const alice = await gateway.connect('alice');
      const { value } = await alice.command<{ value: number }>('roll_dice');
      expect([1, 2, 3, 4, 5, 6]).toContain(value);
      closed = alice.closed;
    }
    await closed;
  });

  it.each([
    ['a module', false, [GameModule]],
    ['a whole application, in place of whose configuration it gets that of the test', true, [AppModule]],
  ])('serves %s, with what the test puts in the place of a provider', async (_, isWhole, imports) => {
    await using gateway = await startGateway({
      imports,
      override: (module) => module.overrideProvider(Dice).useValue(loaded.useValue),
      limits: { roomsPerUser: 1 },
    });
    const alice = await gateway.connect('alice');
    expect(await alice.command('roll_dice')).toEqual({ value: 6 });
    await alice.command('create_room', { room_id: 'one' });
    await expect(alice.command('create_room', { room_id: 'two' })).rejects.toMatchObject({ name: 'TooManyRooms' });
    expect(gateway.config.dataDir).not.toBe(running.dataDir);
    // All else that it does with Hubbub stays.
    const { message_type, data } = await alice.request('watch_online', { enabled: true });
    expect(message_type === 'error' ? data['name'] : message_type).toBe(isWhole ? 'UnknownType' : 'online');
  });

  it('goes around an application of its own, by its configuration', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'hubbub-own-'));
    const config = HubbubConfig.from({ dataDir, log: { level: 'error' }, auth: { issuer: 'own', audience: 'tests' } });
    @Module({ imports: [HubbubModule.forRoot(config), GameModule] })
    class OwnModule {}
    {
      await using gateway = await TestGateway.around(await createHubbub(OwnModule, config));
      const alice = await gateway.connect('alice', { username: 'Alice' });
      expect(await alice.next('connected')).toMatchObject({ user_id: 'alice', username: 'Alice' });
      await alice.command('roll_dice');
    }
    rmSync(dataDir, { recursive: true });
  });

  it('is no node of a cluster with the bus of an application', async () => {
    await expect(startCluster(2, { imports: [AppModule] })).rejects.toThrow('import modules without it');
  });

  it('names all faults of a configuration, and leaves nothing behind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hubbub-empty-'));
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = folder;
    await expect(startGateway({ limits: { flushMs: -1 }, auth: { secret: 'weak' } })).rejects.toThrow(
      /auth\.secret[^]*limits\.flush_ms|limits\.flush_ms[^]*auth\.secret/,
    );
    await expect(startCluster(2, { nodeConfig: () => ({ cluster: { nodeId: 'same' } }) })).rejects.toThrow(/same/);
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});

describe('a client of tests', () => {
  let gateway: TestGateway;
  let alice: TestClient;

  beforeAll(async () => {
    gateway = await startGateway({ imports: [GameModule] });
  });
  beforeEach(async () => {
    alice = await gateway.connect('alice');
  });
  afterEach(() => gateway.closeClients());
  afterAll(() => gateway.close());

  it('has the types of the protocol, and asks for those of others', async () => {
    const { room } = await alice.command('create_room', {});
    const { members } = await alice.command('join_room', { room_id: room.id });
    expect(members).toMatchObject([{ user_id: 'alice' }]);
    // @ts-expect-error a command of the protocol has the data of the protocol
    await expect(alice.command('join_room', { room: 1 })).rejects.toMatchObject({
      code: 1001,
      message: expect.stringMatching(/^InvalidFormat: .*room_id/),
    });
    // @ts-expect-error what a command of one's own is answered with is not known
    (await alice.command('roll_dice')).value?.toFixed();
  });

  it('reads streams, and cancels those that it leaves', async () => {
    const items: number[] = [];
    for await (const { n } of alice.items<{ n: number }>('count', { to: 3 })) items.push(n);
    for await (const { n } of alice.items<{ n: number }>('count', { to: 1_000_000 })) {
      items.push(n);
      if (n === 2) break;
    }
    expect(items).toEqual([1, 2, 3, 1, 2]);
    await alice.settle();
    expect(gateway.app.get(GameGateway, { strict: false }).cancelled).toBe(2);
    await expect(alice.items('count', { to: 'x' }).next()).rejects.toMatchObject({ name: 'InvalidFormat' });
    await expect(alice.items('roll_dice').next()).rejects.toThrow('roll_dice_reply: it is no stream');
  });

  it('says what came instead of what it waits for', async () => {
    await using impatient = await startGateway({ patienceMs: 3000 });
    await using hasty = await impatient.connect('bob');
    await expect(hasty.command('leave_room', { room_id: 'nowhere' })).rejects.toMatchObject({ name: 'RoomNotFound' });
    await expect(hasty.next('room_message')).rejects.toThrow(
      'bob waited for the push room_message, but it did not come within 3000 ms.\nIt got connected, error RoomNotFound (to leave_room).',
    );
    const waiting = hasty.next('presence');
    hasty.sendFrame({ message_type: 'close' });
    await expect(waiting).rejects.toThrow('the connection ended with 1000');
  });

  it('stands beside the real one, which is connected the same way', async () => {
    await alice.command('create_room', { room_id: 'both' });
    await alice.command('join_room', { room_id: 'both' });
    const bob = await gateway.client('bob');
    const room = await bob.join('both');
    await room.send('hello');
    expect(await alice.next('room_message')).toMatchObject({ content: 'hello', sender_id: 'bob' });
  });
});
