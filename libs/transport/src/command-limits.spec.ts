import { HubbubConfig } from '@hubbub/config';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { PAUSE_AT, RESUME_AT } from './command-router.js';
import type { RecordingConnection } from './testing/recording-connection.js';
import { RouterHarness } from './testing/router-harness.js';

let release: () => void;

@WebSocketGateway()
class Gateway {
  @SubscribeMessage('wait')
  wait(): Promise<void> {
    return new Promise((resolve) => (release = resolve));
  }
}

describe('limits of what one connection sends', () => {
  let harness: RouterHarness;
  let connection: RecordingConnection;
  const codes = () =>
    connection.frames.map(({ type, data }) => (type === 'error' ? (data as { code: number }).code : 0));
  const start = async (limits: object) => {
    harness = await RouterHarness.start({ providers: [Gateway], config: { limits } });
    connection = harness.connect();
  };

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
  });
  afterEach(async () => {
    jest.useRealTimers();
    await harness.close();
  });

  it('answers commands over the rate with the time to wait, and serves the next ones', async () => {
    await start({ commandsPerS: 10, commandsBurst: 3 });
    for (let id = 0; id < 4; id++) harness.send(connection, 'ping', {}, id);
    expect(codes()).toEqual([0, 0, 0, 1005]);
    expect(connection.frames.at(-1)).toMatchObject({ id: 3, data: { retryable: true, retry_after_ms: 100 } });
    jest.advanceTimersByTime(100);
    harness.send(connection, 'ping', {}, 4);
    expect(codes().at(-1)).toBe(0);
    expect(harness.metrics.rateLimited.value).toBe(1);
    expect(harness.counts()).toEqual({ 'ping 0': 4, 'ping 1005': 1 });
  });

  it('limits each connection by itself', async () => {
    await start({ commandsPerS: 1, commandsBurst: 1 });
    harness.send(connection, 'ping');
    const other = harness.connect();
    harness.send(other, 'ping');
    expect(other.frames[0]?.type).toBe('pong');
  });

  it('closes with RateLimited after going on for too long without a pause', async () => {
    await start({ commandsPerS: 10, commandsBurst: 1, rateCloseAfterMs: 2000 });
    for (let now = 0; now < 1950; now += 50) {
      harness.send(connection, 'ping');
      jest.advanceTimersByTime(50);
    }
    expect(connection.closed).toBeNull();
    for (let now = 0; now < 200; now += 50) {
      harness.send(connection, 'ping');
      jest.advanceTimersByTime(50);
    }
    expect(connection.closed).toBe('RateLimited');
    expect(connection.frames.at(-1)?.type).toBe('error');
  });

  it('counts control frames to the rate, without answering those over it', async () => {
    await start({ commandsPerS: 10, commandsBurst: 3 });
    expect([1, 2, 3, 4].map(() => harness.router.admitControl(connection))).toEqual([true, true, true, false]);
    harness.send(connection, 'ping');
    expect(codes()).toEqual([1005]);
    jest.advanceTimersByTime(100);
    expect(harness.router.admitControl(connection)).toBe(true);
    expect(harness.metrics.rateLimited.value).toBe(2);
  });

  it('closes with RateLimited after control frames over the rate for too long without a pause', async () => {
    await start({ commandsPerS: 10, commandsBurst: 1, rateCloseAfterMs: 2000 });
    for (let now = 0; now < 1950; now += 50) {
      harness.router.admitControl(connection);
      jest.advanceTimersByTime(50);
    }
    expect(connection.closed).toBeNull();
    for (let now = 0; now < 200; now += 50) {
      harness.router.admitControl(connection);
      jest.advanceTimersByTime(50);
    }
    expect(connection.closed).toBe('RateLimited');
    expect(connection.frames).toEqual([]);
  });

  it('closes with MalformedFrames after too many of them in a minute, each answered before', async () => {
    await start({ malformedFrames: 3, commandsBurst: 1000 });
    for (let i = 0; i < 3; i++) harness.router.handle(connection, '{');
    jest.advanceTimersByTime(60_000);
    for (let i = 0; i < 3; i++) harness.router.handle(connection, '{');
    expect(connection.closed).toBeNull();
    harness.router.handle(connection, '{');
    expect(connection.closed).toBe('MalformedFrames');
    expect(codes()).toEqual(Array(7).fill(1001));
  });

  it('takes over limits that are changed while connections are open', async () => {
    await start({ commandsPerS: 1, commandsBurst: 1 });
    harness.send(connection, 'ping');
    harness.send(connection, 'ping');
    const limits = { commandsPerS: 1000, commandsBurst: 1000, commandTimeoutMs: 10 };
    harness.module.get(HubbubConfig).apply(HubbubConfig.from({ limits }));
    jest.advanceTimersByTime(10);
    harness.send(connection, 'wait', {}, 'w');
    expect(codes()).toEqual([0, 1005]);
    jest.advanceTimersByTime(11);
    expect(codes()).toEqual([0, 1005, 1004]);
  });

  it('says when the socket should not be read on, and when it should again', async () => {
    await start({ commandsBurst: 1000 });
    const relieved: string[] = [];
    harness.router.listenToRelief(({ id }) => relieved.push(id));
    harness.send(connection, 'wait');
    for (let i = 1; i < PAUSE_AT; i++) harness.send(connection, 'ping');
    expect(harness.router.isFull(connection)).toBe(false);
    harness.send(connection, 'ping');
    expect(harness.router.queued(connection)).toBe(PAUSE_AT);
    expect(harness.router.isFull(connection)).toBe(true);
    release();
    await new Promise(setImmediate);
    expect(RESUME_AT).toBeLessThan(PAUSE_AT);
    expect(relieved).toEqual([connection.id]);
    expect(harness.router.isFull(connection)).toBe(false);
    expect(connection.frames).toHaveLength(PAUSE_AT + 1);
  });
});
