import fc from 'fast-check';
import { type Frame, FrameChain, SendQueue } from './send-queue.js';

const frame = (text: string, droppable = false): Frame => ({ bytes: Buffer.from(text), droppable });
const textOf = (queue: SendQueue, backlog = 0, limit = 1000): string =>
  queue.take(backlog, limit)?.join().toString() ?? '';

describe('the send queue', () => {
  it('gives all members of a room the same buffer, joined once', () => {
    const chain = new FrameChain();
    const queues = Array.from({ length: 100 }, () => new SendQueue(chain));
    for (const next of [frame('a'), frame('b'), frame('c')]) for (const queue of queues) queue.add(next);
    const buffers = new Set(queues.map((queue) => queue.take(0, 1000)?.join()));
    expect([...buffers].map(String)).toEqual(['abc']);
  });

  it('does not copy a frame that is alone', () => {
    const queue = new SendQueue(new FrameChain());
    const only = frame('a');
    queue.add(only);
    expect(queue.take(0, 1000)?.join()).toBe(only.bytes);
  });

  it('keeps the order of each connection, whatever the others are sent', () => {
    const send = fc.record({ to: fc.uniqueArray(fc.nat(4), { minLength: 1 }), clear: fc.boolean() });
    fc.assert(
      fc.property(fc.array(send), (sends) => {
        const chain = new FrameChain();
        const queues = Array.from({ length: 5 }, () => new SendQueue(chain));
        const written = queues.map(() => '');
        const expected = queues.map(() => '');
        const flush = (): void => queues.forEach((queue, at) => (written[at] += textOf(queue)));
        for (const [number, { to, clear }] of sends.entries()) {
          const next = frame(`${number};`);
          for (const at of to) {
            queues[at]?.add(next);
            expected[at] += `${number};`;
          }
          if (clear) flush();
          if (clear) chain.clear();
        }
        flush();
        expect(written).toEqual(expected);
      }),
    );
  });

  it('knows what is owed', () => {
    const queue = new SendQueue(new FrameChain());
    expect([queue.isEmpty, queue.owedBytes, queue.owedFrames]).toEqual([true, 0, 0]);
    queue.add(frame('abc'));
    queue.add(frame('de'));
    expect([queue.isEmpty, queue.owedBytes, queue.owedFrames]).toEqual([false, 5, 2]);
    queue.take(0, 1000);
    expect([queue.isEmpty, queue.owedBytes, queue.owedFrames]).toEqual([true, 0, 0]);
  });
});

describe('a send queue over its limit', () => {
  const fill = (queue: SendQueue): void => {
    for (const next of [frame('1'), frame('e', true), frame('2'), frame('f', true)]) queue.add(next);
  };

  it('leaves out ephemeral frames first, and only those', () => {
    const queue = new SendQueue(new FrameChain());
    fill(queue);
    expect(textOf(queue, 8, 10)).toBe('12');
  });

  it('leaves out nothing while everything fits', () => {
    const queue = new SendQueue(new FrameChain());
    fill(queue);
    expect(textOf(queue, 6, 10)).toBe('1e2f');
  });

  it('leaves out nothing for a socket that has taken everything so far, however much is owed', () => {
    const queue = new SendQueue(new FrameChain());
    fill(queue);
    expect(textOf(queue, 0, 2)).toBe('1e2f');
  });

  it('writes nothing when all that is owed was ephemeral', () => {
    const queue = new SendQueue(new FrameChain());
    queue.add(frame('e', true));
    expect(queue.take(10, 10)).toBeNull();
    expect(queue.isEmpty).toBe(true);
  });

  it('takes no more ephemeral frames while congested', () => {
    const queue = new SendQueue(new FrameChain());
    queue.congested = true;
    expect(queue.add(frame('e', true))).toBe(false);
    expect(queue.add(frame('1'))).toBe(true);
    queue.congested = false;
    expect(queue.add(frame('f', true))).toBe(true);
    expect(textOf(queue)).toBe('1f');
  });

  it('shares what is left among those that fell behind together', () => {
    const chain = new FrameChain();
    const queues = [new SendQueue(chain), new SendQueue(chain)];
    for (const next of [frame('1'), frame('e', true), frame('2')]) for (const queue of queues) queue.add(next);
    const [first, second] = queues.map((queue) => queue.take(10, 10)?.join());
    expect(first?.toString()).toBe('12');
    expect(second).toBe(first);
  });
});
