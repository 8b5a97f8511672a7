import { FlushDelay, FlushScheduler } from './flush-scheduler.js';

describe('the delay between flushes', () => {
  it('leaves most of the time to everything else while flushes are small', () => {
    const delay = new FlushDelay();
    delay.flushed(100, 103, 10, 10, 10);
    // 3 ms of work in 10 ms.
    expect(delay.wait(103)).toBeCloseTo(7);
    expect(delay.wait(108)).toBeCloseTo(2);
    expect(delay.wait(111)).toBe(0);
  });

  it('is never longer than the configuration says', () => {
    const delay = new FlushDelay();
    delay.flushed(0, 50, 10, 10, 10);
    expect(delay.wait(50)).toBe(10);
    delay.flushed(0, 50, 10, 10, 0);
    expect(delay.wait(50)).toBe(0);
  });

  it('is none once every connection gets several frames at a time', () => {
    const delay = new FlushDelay();
    delay.flushed(0, 5, 400, 100, 10);
    expect(delay.wait(5)).toBe(0);
    delay.flushed(5, 10, 399, 100, 10);
    expect(delay.wait(10)).toBe(10);
  });
});

/** A clock by hand, and connections that note when they were written. */
function start(capMs = 10) {
  const turns: (() => void)[] = [];
  const timers: { at: number; callback: () => void }[] = [];
  const world = { now: 0, cost: 0, cleared: 0, written: [] as string[] };
  const clock = {
    now: () => world.now,
    atEndOfTurn: (callback: () => void) => void turns.push(callback),
    later: (callback: () => void, ms: number) => void timers.push({ at: world.now + ms, callback }),
  };
  const scheduler = new FlushScheduler<{ listed: number; flush(): number }>(
    clock,
    () => capMs,
    () => world.cleared++,
  );
  const connection = (name: string) => ({
    listed: 0,
    flush: () => {
      world.now += world.cost;
      world.written.push(name);
      return 1;
    },
  });
  const endTurn = (): void => {
    for (const turn of turns.splice(0)) turn();
  };
  const written = (): string[] => world.written.splice(0);
  return { world, scheduler, connection, endTurn, timers, written };
}

describe('the flush scheduler', () => {
  it('writes each connection once at the end of the turn', () => {
    const { scheduler, connection, endTurn, written, world } = start();
    const [a, b] = [connection('a'), connection('b')];
    for (const next of [a, b, a, a]) scheduler.add(next);
    expect(written()).toEqual([]);
    endTurn();
    expect(written()).toEqual(['a', 'b']);
    expect(world.cleared).toBe(1);
    scheduler.add(b);
    endTurn();
    expect(written()).toEqual(['b']);
  });

  it('lets pushes wait under load, and answers not', () => {
    const { scheduler, connection, endTurn, written, world, timers } = start();
    const [a, b] = [connection('a'), connection('b')];
    world.cost = 3;
    scheduler.add(a);
    endTurn();
    expect(written()).toEqual(['a']);
    scheduler.add(a);
    scheduler.addUrgent(b);
    endTurn();
    expect(written()).toEqual(['b']);
    expect(timers).toHaveLength(1);
    scheduler.add(b);
    scheduler.addUrgent(b);
    endTurn();
    expect(written()).toEqual(['b']);
    timers[0]?.callback();
    // b has nothing to write any more, which its own flush finds out.
    expect(written()).toEqual(['a', 'b']);
  });

  it('lets nobody wait longer because others were written with an answer meanwhile', () => {
    const { scheduler, endTurn, written, world, timers } = start();
    const flushing = (name: string, frames: number) => ({
      listed: 0,
      flush: () => {
        world.now += 3;
        world.written.push(name);
        return frames;
      },
    });
    const joined = flushing('joined', 4);
    for (const each of [joined, flushing('empty', 0), flushing('empty', 0)]) scheduler.add(each);
    endTurn();
    expect(written()).toEqual(['joined', 'empty', 'empty']);
    scheduler.add(joined);
    endTurn();
    expect(written()).toEqual(['joined']);
    expect(timers).toEqual([]);
  });

  it('sets one timer, whatever comes meanwhile', () => {
    const { scheduler, connection, endTurn, world, timers } = start();
    world.cost = 3;
    scheduler.add(connection('a'));
    endTurn();
    for (const name of ['b', 'c', 'd']) {
      scheduler.add(connection(name));
      endTurn();
    }
    expect(timers.map(({ at }) => Math.round(at))).toEqual([10]);
  });

  it('lets nothing wait without load', () => {
    const { scheduler, connection, endTurn, written, world, timers } = start();
    const [a, b] = [connection('a'), connection('b')];
    world.cost = 3;
    for (const next of [a, b, a]) {
      scheduler.add(next);
      endTurn();
      expect(written()).toHaveLength(1);
      // Longer than the flush makes the next one wait.
      world.now += 7;
    }
    expect(timers).toEqual([]);
  });

  it('counts the wait from the flush that is its cause: what comes late waits for less', () => {
    const { scheduler, connection, endTurn, world, timers } = start();
    world.cost = 3;
    scheduler.add(connection('a'));
    endTurn();
    world.now = 8;
    scheduler.add(connection('b'));
    endTurn();
    expect(timers.map(({ at }) => Math.round(at))).toEqual([10]);
  });

  it('sets no timer where no delay is allowed, however dear a flush is', () => {
    const { scheduler, connection, endTurn, written, world, timers } = start(0);
    const a = connection('a');
    world.cost = 50;
    for (let turn = 0; turn < 3; turn++) {
      scheduler.add(a);
      endTurn();
      expect(written()).toEqual(['a']);
    }
    expect(timers).toEqual([]);
  });

  it('writes what is added during a flush in the next turn', () => {
    const { scheduler, connection, endTurn, written } = start(0);
    const late = connection('late');
    scheduler.add({ listed: 0, flush: () => (scheduler.add(late), 1) });
    endTurn();
    expect(written()).toEqual([]);
    endTurn();
    expect(written()).toEqual(['late']);
  });
});
