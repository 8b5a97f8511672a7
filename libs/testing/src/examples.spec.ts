import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHubbub, HubbubConfig, HubbubModule } from '@hubbub/hubbub';
import { recordRoom, startCluster, startGateway, TestGateway, virtualClock } from '@hubbub/testing';
import { Injectable, Module } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { expectShown } from './testing/page.js';

/** What docs/testing.md and README.md show, as it stands there: the last test looks whether it does. */

@Injectable()
class Payments {
  charge(): string {
    throw new Error('no test pays');
  }
}

@WebSocketGateway()
class DiceGateway {
  @SubscribeMessage('roll_dice')
  roll() {
    return { value: 6 };
  }

  @SubscribeMessage('count')
  async *count() {
    for (let n = 1; n <= 3; n++) yield { n };
  }
}

@WebSocketGateway()
class OrdersGateway {
  constructor(private readonly payments: Payments) {}

  @SubscribeMessage('place_order')
  place() {
    return { receipt: this.payments.charge() };
  }
}

@Module({
  imports: [HubbubModule.forRoot({ auth: { secret: 'what the shop itself signs with, at home' } })],
  providers: [OrdersGateway, Payments],
})
class AppModule {}

it('rolls a dice', async () => {
  await using gateway = await startGateway({ providers: [DiceGateway] });
  const alice = await gateway.connect('alice', { permissions: ['roll:dice'] });
  const { value } = await alice.command<{ value: number }>('roll_dice', { sides: 6 });
  expect(value).toBeLessThanOrEqual(6);
});

describe('the lobby', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ providers: [DiceGateway], presence: { graceMs: 0 } });
  });
  afterEach(() => gateway.closeClients());
  afterAll(() => gateway.close());

  it('brings what alice says to bob', async () => {
    const alice = await gateway.connect('alice');
    await alice.command('create_room', { room_id: 'lobby' });
    await alice.command('join_room', { room_id: 'lobby' });
    const bob = await gateway.enter('bob', 'lobby');
    await alice.command('room_message', { room_id: 'lobby', content: 'hello' });
    expect((await bob.next('room_message')).content).toBe('hello');
  });

  it('serves whatever a client does', async () => {
    const alice = await gateway.connect('alice');
    for await (const { n } of alice.items<{ n: number }>('count')) {
      if (n === 2) break; // cancels the stream
    }
    alice.sendFrame('{not json');
    expect((await alice.nextFrame(({ message_type }) => message_type === 'error')).data['code']).toBe(1001);
    await expect(alice.command('leave_room', { room_id: 'none' })).rejects.toMatchObject({ name: 'RoomNotFound' });
    await alice.vanish(); // as a network does; close() is polite
  });

  it('serves the client of browsers too', async () => {
    const bob = await gateway.client('bob');
    await bob.command('create_room', { room_id: 'browsers' });
    const room = await bob.join('browsers');
    await room.send('comes back by itself, and resumes');
    expect(room.id).toBe('browsers');
  });
});

it('takes payment', async () => {
  await using gateway = await startGateway({
    imports: [AppModule],
    override: (module) => module.overrideProvider(Payments).useValue({ charge: () => 'paid' }),
  });
  const alice = await gateway.connect('alice');
  expect(await alice.command('place_order')).toEqual({ receipt: 'paid' });
});

it('goes around an application', async () => {
  const config = HubbubConfig.from({ dataDir: mkdtempSync(join(tmpdir(), 'hubbub-own-')), log: { level: 'error' } });
  @Module({ imports: [HubbubModule.forRoot(config)], providers: [DiceGateway] })
  class OwnModule {}
  const app = await createHubbub(OwnModule, config);

  await using gateway = await TestGateway.around(app);
  expect(await (await gateway.connect('alice')).command('roll_dice')).toEqual({ value: 6 });
  await gateway.close();
  rmSync(config.dataDir, { recursive: true });
});

it('loses nothing on a bus that does', async () => {
  await using cluster = await startCluster(3, { faults: { lose: 0.2, double: 0.1, delay: 0.3, seed: 7 } });
  const talk = await cluster.talk({ people: 20, rooms: 3, messages: 500 });
  await talk.expectNoLoss();
});

it('survives a node', async () => {
  await using cluster = await startCluster(2, { cluster: { nodeTimeoutMs: 500, repairMs: 100 } });
  const alice = await cluster.connect(0, 'alice');
  await alice.command('create_room', { room_id: 'lobby' });
  const [bob, cid] = [await cluster.enter(0, 'bob', 'lobby'), await cluster.enter(1, 'cid', 'lobby')];
  cluster.buses[0]?.loseEverything();
  await bob.command('room_message', { room_id: 'lobby', content: 'from the database, then' });
  await recordRoom([bob, cid], 'lobby').expectNoLoss();
  await cluster.kill(1);
  await bob.next('presence', ({ left }) => left.some(({ user_id }) => user_id === 'cid'));
  expect(cluster.buses[0]?.counts.lost).toBeGreaterThan(0);
});

it('keeps the place of who was lost for five seconds', async () => {
  using clock = virtualClock(); // before the gateway
  await using gateway = await startGateway();
  const alice = await gateway.connect('alice');
  await alice.command('create_room', { room_id: 'lobby' });
  await alice.command('join_room', { room_id: 'lobby' });
  const bob = await gateway.enter('bob', 'lobby');
  await bob.vanish();
  await clock.advance(4000);
  expect(alice.pushes('presence').flatMap(({ left }) => left)).toEqual([]);
  await clock.advance(2000);
  await alice.next('presence', ({ left }) => left.length === 1);
});

it.each(['docs/testing.md', 'libs/testing/README.md'])('%s shows nothing that is not run here', (page) => {
  expectShown(page, ['libs/testing/src/examples.spec.ts']);
});
