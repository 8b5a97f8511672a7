import { Pulse } from './pulse.js';

/** A pulse whose questions are answered by hand. */
function start() {
  const told: string[] = [];
  const questions: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const pulse = new Pulse(() => new Promise<void>((resolve, reject) => questions.push({ resolve, reject })), {
    alive: () => told.push('alive'),
    stalled: () => told.push('stalled'),
    lost: () => told.push('lost'),
  });
  return { pulse, told, questions };
}

describe('Pulse', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('asks every second while it is answered', async () => {
    const { pulse, told, questions } = start();
    for (let n = 1; n <= 3; n++) {
      await jest.advanceTimersByTimeAsync(1000);
      expect(questions).toHaveLength(n);
      questions[n - 1]?.resolve();
    }
    await jest.advanceTimersByTimeAsync(0);
    expect(told).toEqual(['alive', 'alive', 'alive']);
    pulse.stop();
    await jest.advanceTimersByTimeAsync(5000);
    expect(questions).toHaveLength(3);
  });

  it('tells of a broker that does not answer, then of one that is lost, and asks no more meanwhile', async () => {
    const { pulse, told, questions } = start();
    await jest.advanceTimersByTimeAsync(2500);
    expect([told, questions.length]).toEqual([[], 1]);
    await jest.advanceTimersByTimeAsync(1000);
    expect(told).toEqual(['stalled']);
    questions[0]?.resolve();
    await jest.advanceTimersByTimeAsync(0);
    expect(told).toEqual(['stalled', 'alive']);
    await jest.advanceTimersByTimeAsync(11_500);
    expect(told.at(-1)).toBe('lost');
    pulse.stop();
  });

  it('counts beats, not time: a frozen process calls nobody dead', async () => {
    const { pulse, told } = start();
    await jest.advanceTimersByTimeAsync(1000);
    jest.setSystemTime(Date.now() + 3_600_000);
    await jest.advanceTimersByTimeAsync(1000);
    expect(told).toEqual([]);
    pulse.stop();
  });

  it('does not count the answer to a question of an earlier connection', async () => {
    const { pulse, told, questions } = start();
    pulse.restart();
    pulse.restart();
    questions[0]?.resolve();
    await jest.advanceTimersByTimeAsync(0);
    expect(told).toEqual([]);
    questions[1]?.resolve();
    await jest.advanceTimersByTimeAsync(0);
    expect(told).toEqual(['alive']);
    pulse.stop();
  });

  it('asks again after a question that could not be sent', async () => {
    const { pulse, told, questions } = start();
    await jest.advanceTimersByTimeAsync(1000);
    questions[0]?.reject(new Error('away'));
    await jest.advanceTimersByTimeAsync(1000);
    expect([told, questions.length]).toEqual([[], 2]);
    pulse.stop();
  });
});
