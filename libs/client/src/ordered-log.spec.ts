import { CommandError } from './command-error.js';
import { type LogSource, OrderedLog } from './ordered-log.js';
import { ManualClock } from './testing/manual-clock.js';

interface Item {
  readonly seq: number;
}

const items = (...numbers: number[]): Item[] => numbers.map((seq) => ({ seq }));
const turns = async () => {
  for (let n = 0; n < 10; n++) await Promise.resolve();
};

function make(read: LogSource<Item>['read']) {
  const out: (number | string)[] = [];
  const clock = new ManualClock();
  const log = new OrderedLog<Item>(
    {
      read,
      deliver: ({ seq }) => out.push(seq),
      lost: ({ missed }) => out.push(`lost ${missed}`),
      renumbered: () => out.push('renumbered'),
    },
    clock,
  );
  log.start({ epoch: 'e', seq: 0 });
  return { log, out, clock };
}

describe('OrderedLog', () => {
  it('reads page after page until nothing is missing', async () => {
    const reads: number[] = [];
    const { log, out } = make((after) => {
      reads.push(after);
      return Promise.resolve({ epoch: 'e', messages: items(after + 1, after + 2) });
    });
    log.expect(5);
    await log.resume();
    expect(out).toEqual([1, 2, 3, 4, 5, 6]);
    expect(reads).toEqual([0, 2, 4]);
  });

  it('reads nothing while suspended, and keeps what comes for later', async () => {
    const reads: number[] = [];
    const { log, out } = make((after) => {
      reads.push(after);
      return Promise.resolve({ epoch: 'e', messages: items(1) });
    });
    log.offer(items(2));
    await turns();
    expect([reads, out]).toEqual([[], []]);
    await log.resume();
    expect(out).toEqual([1, 2]);
  });

  it('tries a read again when it may succeed later, and not while suspended', async () => {
    let failures = 1;
    const { log, out, clock } = make(() => {
      if (failures-- > 0) return Promise.reject(new CommandError('RateLimited', { retryable: true, retryAfterMs: 70 }));
      return Promise.resolve({ epoch: 'e', messages: items(1) });
    });
    log.expect(1);
    const resumed = log.resume();
    await turns();
    clock.advance(69);
    await turns();
    expect(out).toEqual([]);
    clock.advance(1);
    await resumed;
    expect(out).toEqual([1]);
  });

  it('does not wait out a pause that a lost connection has ended', async () => {
    let failures = 1;
    const { log, out } = make(() => {
      if (failures-- > 0) return Promise.reject(new CommandError('ServerError', { retryable: true }));
      return Promise.resolve({ epoch: 'e', messages: items(1) });
    });
    log.expect(1);
    const first = log.resume();
    await turns();
    log.suspend();
    await first;
    await log.resume();
    expect(out).toEqual([1]);
  });

  it('says what a log that begins above the position has lost', async () => {
    const { log, out } = make(() => Promise.resolve({ epoch: 'e', messages: items(4, 5) }));
    log.expect(5);
    await log.resume();
    expect(out).toEqual(['lost 3', 4, 5]);
  });

  it('says so when the numbering is another one, and delivers nothing of it', async () => {
    const { log, out } = make(() => Promise.resolve({ epoch: 'f', messages: items(1) }));
    log.expect(1);
    await log.resume();
    expect(out).toEqual(['renumbered']);
  });

  it('drops what a read brings that was begun before it started over', async () => {
    let answer: (page: { epoch: string; messages: Item[] }) => void = () => {};
    const { log, out } = make(() => new Promise((resolve) => (answer = resolve)));
    log.expect(1);
    void log.resume();
    log.start({ epoch: 'f', seq: 7 });
    answer({ epoch: 'e', messages: items(1) });
    await turns();
    log.offer(items(8));
    expect(out).toEqual([8]);
  });
});
