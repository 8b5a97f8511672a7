import { PresencePace } from './presence-pace.js';
import { PresenceState } from './presence-state.js';

const WINDOW_MS = 100;
const LIST_MAX = 500;

/** A push to the whole room. */
interface Told {
  readonly at: number;
  readonly deliveries: number;
  readonly count: number;
}

/** `people` come into a room, one each ms, and are looked after at the end of every window, until all is told. */
function enterAll(people: number): Told[] {
  const [state, pace] = [new PresenceState('n1'), new PresencePace()];
  const told: Told[] = [];
  for (let now = 1; now <= people || state.hasChanges; now++) {
    if (now <= people) state.join('r', { userId: `u${now}`, username: '' }, now);
    if (now % WINDOW_MS !== 0) continue;
    for (const { memberCount } of state.drain(LIST_MAX, (roomId) => !pace.isResting(roomId, now))) {
      pace.told('r', memberCount, now, WINDOW_MS);
      told.push({ at: now, deliveries: memberCount, count: memberCount });
    }
  }
  return told;
}

const sum = (told: readonly Told[]) => told.reduce((all, { deliveries }) => all + deliveries, 0);

describe('PresencePace', () => {
  it('leaves rooms of up to 2000 connections as they are', () => {
    expect(enterAll(2000).map(({ at }) => at)).toEqual(
      Array.from({ length: 20 }, (_, index) => (index + 1) * WINDOW_MS),
    );
  });

  it.each([5000, 20_000])(
    'lets %d people come in at 20,000 deliveries a second, and tells the last number',
    (people) => {
      const told = enterAll(people);
      const last = told.at(-1) as Told;
      expect(last.count).toBe(people);
      // Of each push its rest is over before the next one.
      expect(sum(told.slice(0, -1))).toBeLessThanOrEqual(20 * last.at);
      // Late by one rest at most, and by the window in which it ends.
      expect(last.at - people).toBeLessThanOrEqual(people / 20 + WINDOW_MS);
    },
  );

  it('tells of the first change after a calm as soon as in a small room', () => {
    const pace = new PresencePace();
    pace.told('r', 10_000, 0, WINDOW_MS);
    expect([0, 499, 500].map((now) => pace.isResting('r', now))).toEqual([true, true, false]);
    expect(pace.isResting('another', 0)).toBe(false);
  });

  it('gathers no longer than it is told to anyway', () => {
    const pace = new PresencePace();
    pace.told('r', 10_000, 0, 500);
    expect(pace.isResting('r', 1)).toBe(false);
  });

  it('keeps nothing of rooms that are gone, or small again', () => {
    const pace = new PresencePace();
    for (const room of ['closed', 'emptied']) pace.told(room, 10_000, 0, WINDOW_MS);
    pace.forget('closed');
    pace.told('emptied', 10, 600, WINDOW_MS);
    expect(pace.size).toBe(0);
  });
});
