import fc from 'fast-check';
import { Frame } from './frame.js';
import { type ChainNode, FrameChain, SendQueue } from './send-queue.js';
import { WriteMemory } from './write-memory.js';

const frame = (text: string, droppable = false): Frame => new Frame(text, droppable);
/** Payloads of short frames that follow each other. */
function textOf(bytes: Buffer): string {
  const size = bytes[1];
  return size === undefined ? '' : bytes.toString('utf8', 2, 2 + size) + textOf(bytes.subarray(2 + size));
}
const joined = (node: ChainNode | null, memory = new WriteMemory()): string =>
  node === null ? '' : textOf(node.join(memory));
const written = (queue: SendQueue, backlog = 0, limit = 1000): string => joined(queue.take(backlog, limit));

describe('the send queue', () => {
  it('gives all members of a room the same buffer, joined once', () => {
    const chain = new FrameChain();
    const queues = Array.from({ length: 100 }, () => new SendQueue(chain));
    for (const next of [frame('a'), frame('b'), frame('c')]) for (const queue of queues) queue.add(next);
    const buffers = new Set(queues.map((queue) => queue.take(0, 1000)?.join(chain.memory) as Buffer));
    expect([...buffers].map(textOf)).toEqual(['abc']);
  });

  it('joins again what is sent in another turn: its memory was used for something else', () => {
    const chain = new FrameChain();
    const queue = new SendQueue(chain);
    const shared = frame('a');
    queue.add(shared);
    const node = queue.take(0, 1000);
    const first = node?.join(chain.memory) as Buffer;
    chain.clear();
    chain.memory.take(first.length).fill(0);
    expect(joined(node, chain.memory)).toBe('a');
  });

  it('gives those that fell behind a buffer that nothing is written over', () => {
    const chain = new FrameChain();
    const queues = [new SendQueue(chain), new SendQueue(chain)];
    const next = frame('a');
    for (const queue of queues) queue.add(next);
    const [first, second] = queues.map((queue) => queue.take(0, 1000)?.joinToKeep() as Buffer);
    chain.clear();
    chain.memory.take(first?.length ?? 0).fill(0);
    expect(first).toBe(second);
    expect(textOf(first as Buffer)).toBe('a');
  });

  it('keeps the order of each connection, whatever the others are sent', () => {
    const send = fc.record({ to: fc.uniqueArray(fc.nat(4), { minLength: 1 }), clear: fc.boolean() });
    fc.assert(
      fc.property(fc.array(send), (sends) => {
        const chain = new FrameChain();
        const queues = Array.from({ length: 5 }, () => new SendQueue(chain));
        const received = queues.map(() => '');
        const expected = queues.map(() => '');
        const flush = (): void =>
          queues.forEach((queue, at) => (received[at] += joined(queue.take(0, 1000), chain.memory)));
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
        expect(received).toEqual(expected);
      }),
    );
  });

  it('knows what is owed', () => {
    const queue = new SendQueue(new FrameChain());
    expect([queue.isEmpty, queue.owedBytes, queue.owedFrames]).toEqual([true, 0, 0]);
    queue.add(frame('abc'));
    queue.add(frame('de'));
    expect([queue.isEmpty, queue.owedBytes, queue.owedFrames]).toEqual([false, 9, 2]);
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
    expect(written(queue, 8, 19)).toBe('12');
  });

  it('leaves out nothing while everything fits', () => {
    const queue = new SendQueue(new FrameChain());
    fill(queue);
    expect(written(queue, 8, 20)).toBe('1e2f');
  });

  it('leaves out nothing for a socket that has taken everything so far, however much is owed', () => {
    const queue = new SendQueue(new FrameChain());
    fill(queue);
    expect(written(queue, 0, 2)).toBe('1e2f');
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
    expect(written(queue)).toBe('1f');
  });

  it('shares what is left among those that fell behind together', () => {
    const chain = new FrameChain();
    const queues = [new SendQueue(chain), new SendQueue(chain)];
    for (const next of [frame('1'), frame('e', true), frame('2')]) for (const queue of queues) queue.add(next);
    const [first, second] = queues.map((queue) => queue.take(10, 10)?.join(chain.memory));
    expect(textOf(first as Buffer)).toBe('12');
    expect(second).toBe(first);
  });
});
