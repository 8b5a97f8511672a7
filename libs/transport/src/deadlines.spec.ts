import { Deadlines, type Timed } from './deadlines.js';

class Item implements Timed {
  earlier: this | null = null;
  later: this | null = null;
  constructor(
    readonly name: string,
    public startedAt: number,
  ) {}
}

/** A clock that the test turns, and one place for a timer. */
class Clock {
  now = 0;
  timers = 0;
  limitMs = 100;
  private timer: { at: number; callback: () => void } | null = null;

  readonly expired: string[] = [];
  readonly deadlines = new Deadlines<Item>({
    limitMs: () => this.limitMs,
    now: () => this.now,
    expire: ({ name }) => void this.expired.push(name),
    schedule: (callback, ms) => {
      this.timers++;
      const timer = { at: this.now + ms, callback };
      this.timer = timer;
      return () => {
        if (this.timer === timer) this.timer = null;
      };
    },
  });

  get isSet(): boolean {
    return this.timer !== null;
  }

  add(name: string): Item {
    const item = new Item(name, this.now);
    this.deadlines.add(item);
    return item;
  }

  turnTo(now: number): void {
    while (this.timer !== null && this.timer.at <= now) {
      const { at, callback } = this.timer;
      this.timer = null;
      this.now = at;
      callback();
    }
    this.now = now;
  }
}

describe('Deadlines', () => {
  it('expires each item when its limit has passed, the first started first', () => {
    const clock = new Clock();
    clock.add('a');
    clock.turnTo(30);
    clock.add('b');
    clock.turnTo(99);
    expect(clock.expired).toEqual([]);
    clock.turnTo(100);
    expect(clock.expired).toEqual(['a']);
    clock.turnTo(130);
    expect(clock.expired).toEqual(['a', 'b']);
    expect(clock.isSet).toBe(false);
  });

  it('never expires what was removed, wherever it stood', () => {
    const clock = new Clock();
    const items = ['a', 'b', 'c', 'd'].map((name) => clock.add(name));
    const [a, b, , d] = items as [Item, Item, Item, Item];
    clock.deadlines.remove(b);
    clock.deadlines.remove(a);
    clock.deadlines.remove(d);
    clock.deadlines.remove(d);
    clock.turnTo(1000);
    expect(clock.expired).toEqual(['c']);
  });

  it('sets one timer for a thousand items that come and go within the limit', () => {
    const clock = new Clock();
    for (let i = 0; i < 1000; i++) {
      clock.turnTo(i / 20);
      clock.deadlines.remove(clock.add(String(i)));
    }
    expect(clock.timers).toBe(1);
    clock.turnTo(1000);
    expect(clock.expired).toEqual([]);
    expect(clock.isSet).toBe(false);
  });

  it('takes over a changed limit for what is under way', () => {
    const clock = new Clock();
    clock.add('a');
    clock.limitMs = 10;
    clock.deadlines.refresh();
    clock.turnTo(10);
    expect(clock.expired).toEqual(['a']);
  });

  it('leaves no timer behind when closed', () => {
    const clock = new Clock();
    clock.add('a');
    clock.deadlines.close();
    expect(clock.isSet).toBe(false);
    clock.turnTo(1000);
    expect(clock.expired).toEqual([]);
  });
});
