import { BATCH_EVERY_MS, planDrain } from './drain-plan.js';

describe('the plan of a drain', () => {
  it('sends a small node away in one batch', () => {
    expect(planDrain(50, 20_000).batchSize).toBeGreaterThanOrEqual(50);
  });

  it.each([1000, 10_000, 100_000])('sends %i connections away in half of the time given', (connections) => {
    const { batchSize, noticeMs } = planDrain(connections, 20_000);
    expect(Math.ceil(connections / batchSize) * BATCH_EVERY_MS + noticeMs).toBeLessThanOrEqual(10_100);
  });

  it('spreads those who come back by their number', () => {
    expect(planDrain(10, 20_000).spreadMs).toBeLessThan(1000);
    expect(planDrain(20_000, 20_000).spreadMs).toBeGreaterThan(15_000);
  });

  it('takes no time where none is given', () => {
    expect(planDrain(10, 0)).toMatchObject({ noticeMs: 0 });
    expect(planDrain(500, 0).batchSize).toBe(500);
  });
});
