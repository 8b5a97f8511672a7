import { Heartbeat } from './heartbeat.js';

class Pulse {
  dueTick = 0;
  readAtPing = -1;
  bytesRead = 100;
  isPaused = false;
  pingedAt: number[] = [];
  lostAt: number | null = null;

  constructor(private readonly clock: { now: number }) {}

  ping(): void {
    this.pingedAt.push(this.clock.now);
  }
}

/** A heartbeat every 25 s, 10 s of patience, looked at every 100 ms. */
function start(random = 0.5) {
  const clock = { now: 0 };
  const heartbeat = new Heartbeat<Pulse>({
    intervalMs: () => 25_000,
    timeoutMs: () => 10_000,
    lost: (pulse) => (pulse.lostAt = clock.now),
    random: () => random,
    tickMs: 100,
    startedAt: 0,
  });
  const run = (untilMs: number, each: () => void = () => undefined): void => {
    while (clock.now < untilMs) {
      clock.now += 100;
      each();
      heartbeat.advance(clock.now);
    }
  };
  const add = (): Pulse => {
    const pulse = new Pulse(clock);
    heartbeat.add(pulse);
    return pulse;
  };
  return { clock, heartbeat, run, add };
}

describe('the heartbeat', () => {
  it('pings once an interval and loses nobody who answers', () => {
    const { run, add } = start();
    const pulse = add();
    run(130_000, () => (pulse.bytesRead += 6));
    expect(pulse.lostAt).toBeNull();
    expect(pulse.pingedAt).toHaveLength(5);
    for (const [n, at] of pulse.pingedAt.entries()) expect(at - 25_000 * (n + 1)).toBeLessThanOrEqual(300 * (n + 1));
  });

  it('loses who gives no sign of life in time after a ping', () => {
    const { run, add } = start();
    const pulse = add();
    run(60_000);
    expect(pulse.pingedAt).toEqual([25_100]);
    expect(pulse.lostAt).toBe(35_200);
  });

  it('takes any inbound byte for life', () => {
    const { run, add, clock } = start();
    const pulse = add();
    run(50_000, () => {
      if (clock.now === 34_000) pulse.bytesRead += 1;
    });
    expect(pulse.lostAt).toBeNull();
  });

  it('takes nobody for dead whom we do not read from ourselves', () => {
    const { run, add } = start();
    const pulse = add();
    pulse.isPaused = true;
    run(60_000);
    expect(pulse.lostAt).toBeNull();
    pulse.isPaused = false;
    run(120_000);
    expect(pulse.lostAt).not.toBeNull();
  });

  it('spreads the pings over a tenth either way', () => {
    const pingAt = (random: number): number => {
      const { run, add } = start(random);
      const pulse = add();
      run(30_000);
      return pulse.pingedAt[0] ?? 0;
    };
    // Looked at every 100 ms, and never early.
    expect(pingAt(0) - 22_500).toBeLessThanOrEqual(200);
    expect(pingAt(1) - 27_500).toBeLessThanOrEqual(200);
    expect(pingAt(0)).toBeGreaterThanOrEqual(22_500);
    expect(pingAt(1)).toBeGreaterThanOrEqual(27_500);
  });

  it('takes nobody for dead whose answer lies unread because the process stood still', () => {
    const { run, add, clock, heartbeat } = start();
    const [alive, dead] = [add(), add()];
    run(25_200);
    clock.now += 30_000;
    heartbeat.advance(clock.now);
    expect([alive.lostAt, dead.lostAt]).toEqual([null, null]);
    alive.bytesRead += 6;
    run(clock.now + 2000);
    expect(alive.lostAt).toBeNull();
    expect(dead.lostAt).not.toBeNull();
  });

  it('forgets connections that have ended', () => {
    const { run, add, heartbeat } = start();
    const pulse = add();
    heartbeat.remove(pulse);
    run(60_000);
    expect([pulse.pingedAt, pulse.lostAt]).toEqual([[], null]);
  });
});
