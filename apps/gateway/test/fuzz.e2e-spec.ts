import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Database, PinoLogger, type SqliteDatabase } from '@hubbub/hubbub';
import { startGateway, type TestGateway } from '@hubbub/testing';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { FrameGenerator, STREAM } from './fuzz/frames.js';
import { FuzzConnection } from './fuzz/fuzz-connection.js';
import { Random } from './fuzz/random.js';
import { BREACHES, encodeRaw, handshake, RawWebSocket, throwAt } from './fuzz/raw-websocket.js';

/** Repeats a run: the same frames, though their order across connections is the scheduler's. */
const seed = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31));
const FRAMES = Number(process.env['FUZZ_FRAMES'] ?? 20_000);

const USERS = Array.from({ length: 8 }, (_, n) => `fuzz-${n}`);
const ROOMS = Array.from({ length: 8 }, (_, n) => `room-${n}`);
/** Two devices of some users, one of the others. */
const PLAYERS = [...USERS, ...USERS.slice(0, 2)];
const MAX_BYTES = 65_536;
const UNIDENTIFIED_MAX_BYTES = 4096;
/** Far more than a run leaves behind, far less than a leak of a kilobyte a frame would. */
const MEMORY_BOUND_MB = 12;

@WebSocketGateway()
class Application {
  @SubscribeMessage(STREAM)
  async *countDown() {
    for (let n = 5; n > 0; n--) {
      yield n;
      await sleep(0);
    }
  }

  @SubscribeMessage('explode')
  explode(): never {
    throw new Error('not foreseen');
  }
}

function heapMb(): number {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  for (let n = 0; n < 3; n++) gc();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** SEEDS 1, 2, 11: whatever comes over the wire, the node serves on, answers each command once, and keeps nothing of it. */
describe(`fuzz with FUZZ_SEED=${seed}`, () => {
  const outcomes = new Map<string, number>();
  const faults: string[] = [];
  const errors: string[] = [];
  let gateway: TestGateway;
  let sent = 0;

  beforeAll(async () => {
    process.stdout.write(`fuzz: FUZZ_SEED=${seed}\n`);
    const limits = { malformedFrames: 1_000_000 };
    gateway = await startGateway({ presence: { graceMs: 50 }, limits, providers: [Application] });
    // What survives a power cut is not the question here, and syncing would take most of the time.
    gateway.app.get<SqliteDatabase>(Database).pragma('synchronous = OFF');
    gateway.app.useLogger(new PinoLogger(gateway.config, { write: (line) => void errors.push(line) }));
  });
  afterAll(() => gateway.close());

  const tokenOf = (user: string) =>
    gateway.token(user, user === 'fuzz-0' ? { permissions: ['admin:system', 'admin:room'] } : {});
  const generator = (random: Random, name: string) => {
    const expired = gateway.token('fuzz-1', { claims: { exp: 1 } });
    return new FrameGenerator(random, USERS, ROOMS, ['broken', '', expired, ...USERS.slice(0, 3).map(tokenOf)], name);
  };

  /** One device of a user: bursts of frames, all answered, and every now and then another end of its connection. */
  async function play(user: string, name: string, random: Random, frames: number): Promise<void> {
    const frameSource = generator(random, name);
    const open = () => FuzzConnection.open(gateway.ws, tokenOf(user), outcomes);
    let connection = await open();
    for (let left = frames; left > 0; ) {
      const burst = Math.min(left, 1 + random.below(150));
      for (let n = 0; n < burst; n++) connection.send(frameSource.next(MAX_BYTES));
      left -= burst;
      sent += burst;
      if (!random.oneIn(6)) await connection.settled();
      else {
        await end(connection, random);
        faults.push(...connection.faults.map((fault) => `${name}: ${fault}`));
        connection = await open();
      }
    }
    await connection.settled();
    if (!connection.isOpen) faults.push(`${name}: closed with ${await connection.closed}`);
    faults.push(...connection.faults.map((fault) => `${name}: ${fault}`));
    await connection.close(1000);
  }

  async function end(connection: FuzzConnection, random: Random): Promise<void> {
    const way = random.below(4);
    if (way === 0) await connection.terminate();
    if (way === 1) await connection.close(4321);
    if (way === 2) {
      await connection.settled();
      connection.send({ payload: 'x'.repeat(MAX_BYTES + 1), id: undefined, isStream: false });
      await connection.settled();
      if ((await connection.closed) !== 1009) faults.push('an oversized frame did not end its connection');
    }
    if (way === 3 && (await connection.sendClose()) !== 1000) faults.push('close did not end its connection');
  }

  /** Whoever does not say who he is has an answer to each frame as well. */
  async function playStranger(random: Random, frames: number): Promise<void> {
    const frameSource = generator(random, 'stranger');
    const connection = await FuzzConnection.open(gateway.ws, undefined, outcomes);
    for (let n = 0; n < frames; n++) connection.send(frameSource.next(UNIDENTIFIED_MAX_BYTES));
    sent += frames;
    await connection.settled();
    faults.push(...connection.faults.map((fault) => `stranger: ${fault}`));
    await connection.terminate();
  }

  async function playAll(random: Random, frames: number): Promise<void> {
    const share = Math.ceil(frames / (PLAYERS.length + 1));
    const players = PLAYERS.map((user, n) => play(user, `${user}.${n}`, new Random(random.below(2 ** 31)), share));
    await Promise.all([...players, playStranger(new Random(random.below(2 ** 31)), share)]);
  }

  /** Resolves once nobody is left; the test's own time-out ends it otherwise. */
  async function deserted(): Promise<void> {
    const left = ['connections', 'users', 'rooms', 'room_members'];
    for (;;) {
      const { text } = await gateway.fetch('GET', '/metrics');
      if (left.every((name) => text.includes(`\nhubbub_${name} 0\n`))) return;
      await sleep(20);
    }
  }

  it(`answers each of ${FRAMES} frames once and in order, and has its memory back afterwards`, async () => {
    const random = new Random(seed);
    // The first frames compile the code and fill what is meant to be kept: the tail of each room, statements, schemas.
    await playAll(random, FRAMES / 4);
    await deserted();
    const before = heapMb();
    await playAll(random, FRAMES);
    await deserted();
    expect(heapMb() - before).toBeLessThan(MEMORY_BOUND_MB);
    expect(faults).toEqual([]);
    expect(sent).toBeGreaterThanOrEqual(FRAMES);
    // Nonsense alone would prove little: things went on between the odd frames.
    const happened = ['room_joined', 'room_message_sent', 'direct_message_sent', 'done', 'cancelled', 'room_deleted'];
    expect(happened.filter((type) => !outcomes.has(type))).toEqual([]);
    expect(outcomes.get('error 1003')).toBeUndefined();
  }, 60_000);

  it('closes what breaks the WebSocket protocol with the code of the breach, and nobody else notices', async () => {
    const witness = await gateway.connect('witness');
    for (const [what, code, frames] of BREACHES) {
      const raw = await RawWebSocket.open(gateway.port, tokenOf('fuzz-1'));
      raw.write(Buffer.concat(frames.map(encodeRaw)));
      expect([what, await raw.closeCode()]).toEqual([what, code]);
    }
    await witness.settle();
    await witness.close();
  });

  it('takes a frame in any number of pieces, between control frames, and behind the handshake in one packet', async () => {
    const command = (id: number) => Buffer.from(`{"message_type":"ping","message_id":${id}}`);
    const pieces = Array.from(command(1), (byte, at) =>
      encodeRaw({ opcode: at === 0 ? 1 : 0, fin: false, payload: Buffer.from([byte]) }),
    );
    const control = encodeRaw({ opcode: 9, payload: Buffer.from('still there?') });
    const raw = await RawWebSocket.open(gateway.port, tokenOf('fuzz-1'), encodeRaw({ opcode: 1, payload: command(0) }));
    await raw.receives('"request_id":0');
    raw.write(Buffer.concat([...pieces.flatMap((piece) => [piece, control]), encodeRaw({ opcode: 0 })]));
    await raw.receives('"request_id":1');
    for (const byte of encodeRaw({ opcode: 1, payload: command(2) })) raw.write(Buffer.from([byte]));
    await raw.receives('"request_id":2');
    await raw.destroy();
  });

  it('lives through bytes that are nothing at all, before and after the handshake', async () => {
    const random = new Random(seed + 1);
    const upgrade = Buffer.from(handshake(tokenOf('fuzz-2')));
    const frame = encodeRaw({ opcode: 1, payload: Buffer.from('{"message_type":"ping","message_id":1}') });
    const changed = (bytes: Buffer) => {
      const copy = Buffer.from(bytes);
      for (let n = 1 + random.below(3); n > 0; n--) copy[random.below(copy.length)] = random.below(256);
      return copy;
    };
    const throws = Array.from({ length: 300 }, () =>
      random.pick([
        () => random.bytes(1 + random.below(2000)),
        () => upgrade.subarray(0, 1 + random.below(upgrade.length)),
        () => changed(upgrade),
        () => Buffer.concat([upgrade, random.bytes(1 + random.below(500))]),
        () => Buffer.concat([upgrade, changed(frame), changed(frame), frame]),
        () => Buffer.concat([upgrade, frame.subarray(0, random.below(frame.length))]),
      ])(),
    );
    while (throws.length > 0) {
      await Promise.all(throws.splice(0, 20).map((bytes) => throwAt(gateway.port, bytes, random)));
    }
    await gateway.fetch('GET', '/health').then(({ status }) => expect(status).toBe(200));
  });

  it('has no connection, seat or user left over, has logged nothing unforeseen, and serves', async () => {
    await deserted();
    const { text } = await gateway.fetch('GET', '/metrics');
    const count = (name: string) => Number(new RegExp(`^hubbub_${name} (\\d+)$`, 'm').exec(text)?.[1]);
    expect(count('joins_total')).toBeGreaterThan(FRAMES / 100);
    expect(count('leaves_total')).toBe(count('joins_total'));
    // Rejections and exceptions that nobody handles fail the test that runs: that is Jest's doing.
    expect(errors.filter((line) => !line.includes('"type":"explode"'))).toEqual([]);

    const [alice, bob] = [await gateway.connect('alice'), await gateway.connect('bob')];
    await alice.command('create_room', { room_id: 'after' });
    for (const client of [alice, bob]) await client.command('join_room', { room_id: 'after' });
    await alice.command('room_message', { room_id: 'after', content: 'still here' });
    expect(await bob.next('room_message')).toMatchObject({ seq: 1, content: 'still here' });
    await alice.command('direct_message', { target_id: 'bob', content: 'and here' });
    expect(await bob.next('direct_message')).toMatchObject({ content: 'and here' });
  });
});
