import { NodeInfo } from '@hubbub/bus';
import { HubbubConfig } from '@hubbub/config';
import { Metrics } from '@hubbub/observability';
import { HubbubError } from '@hubbub/protocol';
import { Push } from '@hubbub/transport';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { DeliveryChannel } from './delivery-channel.js';
import { HoleRepairs, type Repairable } from './hole-repairs.js';
import { UnderWay } from './under-way.js';

interface Message {
  readonly seq: number;
  readonly senderId: string;
}

/** How one reading of the log goes: it fails, it does not show the newest, or as it should. */
type Reading = 'fails' | 'lags' | 'works';

const message = (seq: number, senderId = 'ann'): Message => ({ seq, senderId });

/** A channel with one recipient, and the log that fills its holes. */
function setUp({ floor = 0, readings = [] as Reading[], isClustered = false } = {}) {
  const config = HubbubConfig.from({ cluster: { repairMs: 50 } });
  const metrics = new Metrics();
  const repairs = new HoleRepairs(config, metrics, new NodeInfo('n', '0', isClustered));
  const underWay = new UnderWay();
  const log: Message[] = [];
  const heard: (number | string)[] = [];
  let told = () => {};
  const listener = {
    send: (push: Push) => {
      heard.push(Number(push.dataJson));
      told();
    },
  };
  const channel = new DeliveryChannel<typeof listener, Message>({ encode: ({ seq }) => new Push('m', `${seq}`) });
  channel.start(0);
  channel.hold(listener);
  channel.release(listener);
  const repairable: Repairable<Message> = {
    channel,
    subject: {},
    isOpen: () => true,
    underWay: () => underWay.now('log', 10_000),
    read: async (after, limit) => {
      await new Promise((resolve) => setImmediate(resolve));
      const reading = readings.shift();
      if (reading === 'fails') throw new HubbubError('ServerError');
      const shown = reading === 'lags' ? log.slice(0, after) : log;
      const head = shown.length;
      return { head, messages: shown.filter(({ seq }) => seq > after && seq > floor && seq <= after + limit) };
    },
  };
  return {
    ...{ channel, listener, log, heard, underWay, metrics },
    look: () => repairs.look(repairable),
    until: (seq: number) => new Promise<void>((resolve) => channel.whenReached(seq, resolve)),
    next: () => new Promise<void>((resolve) => (told = resolve)),
  };
}

describe('HoleRepairs', () => {
  beforeAll(() => Logger.overrideLogger(false));
  afterAll(() => Logger.overrideLogger(['error', 'warn']));

  it('brings everything that the log keeps, once and in order, however often reading fails or lags', async () => {
    const total = 450;
    const seqs = Array.from({ length: total }, (_, at) => at + 1);
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(seqs, { maxLength: 8 }),
        fc.nat(total),
        fc.array(fc.constantFrom<Reading>('fails', 'lags', 'works'), { maxLength: 3 }),
        async (arrivals, floor, readings) => {
          const { channel, log, heard, look, until } = setUp({ floor, readings });
          log.push(...seqs.map((seq) => message(seq)));
          for (const seq of arrivals) {
            channel.receive([message(seq)]);
            look();
          }
          channel.expect(total);
          look();
          await until(total);
          // What is kept no longer reached nobody, but where it was on its way.
          const due = seqs.filter((seq) => seq > floor || heard.includes(seq));
          expect(heard).toEqual(due);
          expect(due.filter((seq) => seq <= floor && !arrivals.includes(seq))).toEqual([]);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('leaves to its sender what is being stored here, though the log shows it already', async () => {
    const { channel, listener, log, heard, underWay, look, until } = setUp();
    const storing = underWay.begin('log', 'ann');
    log.push(message(1, 'bob'), message(2, 'ann'), message(3, 'bob'));
    channel.receive([log[2] as Message]);
    look();
    await until(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual([1]);
    channel.offer({ message: log[1] as Message, sender: listener, placed: () => heard.push('reply 2') });
    storing.resolve();
    await until(3);
    expect(heard).toEqual([1, 'reply 2', 3]);
  });

  it('reads nothing where what was missing comes by itself, and counts what it had to read', async () => {
    const { channel, log, heard, metrics, look, next } = setUp({ isClustered: true });
    log.push(message(1), message(2), message(3));
    channel.receive([message(2)]);
    look();
    channel.receive([message(1)]);
    expect(heard).toEqual([1, 2]);
    channel.expect(3);
    const brought = next();
    // Twice at once is once.
    look();
    look();
    await brought;
    expect(heard).toEqual([1, 2, 3]);
    await new Promise((resolve) => setImmediate(resolve));
    expect([metrics.repairs, metrics.repaired].map((metric) => metric.samples()[0]?.value)).toEqual([1, 1]);
  });
});
