import { once } from 'node:events';
import type { Connection } from './connection.js';
import { clientFrame, RawSocket } from './testing/raw-socket.js';
import { WireApp } from './testing/wire-harness.js';
import { FRAMES_A_TURN } from './turns.js';

const FRAMES = 50_000;

describe('a connection without a token that floods the node', () => {
  let node: WireApp;
  let mallory: RawSocket;
  let flooder: Connection;
  /** Frames of the flooder that were handled. Made anew for each test: what was read of one is handled to the end. */
  let handled: { count: number };

  const start = async (limits: object): Promise<void> => {
    node = await WireApp.start({ limits });
    mallory = await RawSocket.connect(node.ws);
    [flooder] = [...node.connections.all()] as [Connection];
    const counted = { count: 0 };
    handled = counted;
    for (const method of ['receive', 'receivePing', 'receivePong'] as const) {
      const original = flooder[method].bind(flooder) as (...args: unknown[]) => never;
      jest.spyOn(flooder, method).mockImplementation((...args: unknown[]) => {
        counted.count++;
        return original(...args);
      });
    }
  };
  const flood = (frame: Buffer): void => {
    mallory.socket.resume();
    mallory.socket.write(Buffer.concat(Array<Buffer>(FRAMES).fill(frame)));
  };

  afterEach(async () => {
    mallory.socket.destroy();
    await node.stop();
  });

  it.each([
    ['pings', clientFrame(9, Buffer.alloc(0))],
    ['pongs', clientFrame(10, Buffer.alloc(0))],
    ['commands', clientFrame(1, Buffer.from('{"message_type":"ping"}'))],
    ['malformed text', clientFrame(1, Buffer.from('{'))],
  ])('has few frames handled in a turn, and others go on: %s', async (_, frame) => {
    await start({ commandsPerS: 1_000_000, commandsBurst: 1_000_000, malformedFrames: 1_000_000 });
    const victim = await node.connect('alice');
    let most = 0;
    let before = 0;
    const watch = (): void => {
      most = Math.max(most, handled.count - before);
      before = handled.count;
      if (handled.count < FRAMES) setImmediate(watch);
    };
    watch();
    flood(frame);
    let roundTrips = 0;
    for (; handled.count < FRAMES; roundTrips++) await victim.command('ping');
    // What was left of one turn, and the next one's.
    expect(most).toBeLessThanOrEqual(2 * FRAMES_A_TURN);
    expect(roundTrips).toBeGreaterThan(20);
    expect(flooder.isOpen).toBe(true);
  });

  it('is closed with 4002 for pings over the rate, is hung up on and read no further', async () => {
    await start({ commandsPerS: 1, commandsBurst: 1, rateCloseAfterMs: 1 });
    const ended = node.ended(flooder);
    flood(clientFrame(9, Buffer.alloc(0)));
    const hungUp = once(mallory.socket, 'end');
    expect(await ended).toEqual({ code: 4002, clean: true });
    await hungUp;
    expect(handled.count).toBeLessThan(FRAMES);
    expect(flooder.isPaused).toBe(true);
    flooder.resume();
    expect(flooder.isPaused).toBe(true);
  });

  it('is closed with 4504 for text that is no envelope, and read no further', async () => {
    await start({});
    const ended = node.ended(flooder);
    flood(clientFrame(1, Buffer.from('{')));
    expect(await ended).toEqual({ code: 4504, clean: true });
    expect(flooder.isPaused).toBe(true);
  });

  it('is not counted for answering our pings', async () => {
    await start({ commandsPerS: 1, commandsBurst: 1 });
    for (let n = 0; n < 3; n++) {
      flooder.ping();
      mallory.sendFrame(10);
      while (handled.count === n) await new Promise(setImmediate);
    }
    expect(node.metrics.rateLimited.value).toBe(0);
    mallory.sendFrame(10);
    mallory.sendFrame(10);
    while (handled.count < 5) await new Promise(setImmediate);
    expect(node.metrics.rateLimited.value).toBe(1);
  });
});
