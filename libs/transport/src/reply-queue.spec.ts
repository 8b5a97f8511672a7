import fc from 'fast-check';
import { ReplyQueue, type Slot } from './reply-queue.js';

class Answer implements Slot {
  answered = false;
  constructor(readonly name: number) {}
}

describe('ReplyQueue', () => {
  const make = () => {
    const left: number[] = [];
    return { left, queue: new ReplyQueue<Answer>((answer) => left.push(answer.name)) };
  };

  it('lets the next answer due leave synchronously', () => {
    const { left, queue } = make();
    const first = new Answer(1);
    queue.reserve(first);
    queue.settle(first);
    expect(left).toEqual([1]);
    expect(queue.size).toBe(0);
  });

  it('holds an answer back until all before it have left', () => {
    const { left, queue } = make();
    const answers = [1, 2, 3].map((name) => new Answer(name));
    for (const answer of answers) queue.reserve(answer);
    const [first, second, third] = answers as [Answer, Answer, Answer];
    queue.settle(third);
    queue.settle(second);
    expect(left).toEqual([]);
    expect(queue.size).toBe(3);
    queue.settle(first);
    expect(left).toEqual([1, 2, 3]);
  });

  it('keeps the order whatever is ready first, also when many wait behind one', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...Array(200).keys()], { minLength: 200 }), (order) => {
        const { left, queue } = make();
        const answers = order.map((_, name) => new Answer(name));
        for (const answer of answers) queue.reserve(answer);
        for (const name of order) queue.settle(answers[name] as Answer);
        expect(left).toEqual(answers.map(({ name }) => name));
        expect(queue.size).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it('may be used from inside of leave', () => {
    const left: number[] = [];
    const queue: ReplyQueue<Answer> = new ReplyQueue((answer) => {
      left.push(answer.name);
      if (answer.name >= 3) return;
      const next = new Answer(answer.name + 1);
      queue.reserve(next);
      queue.settle(next);
    });
    const first = new Answer(1);
    queue.reserve(first);
    queue.settle(first);
    expect(left).toEqual([1, 2, 3]);
    expect(queue.size).toBe(0);
  });
});
