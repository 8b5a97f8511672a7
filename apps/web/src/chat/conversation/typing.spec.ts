import type { Member } from '@hubbub/protocol';
import { OthersTyping, OwnTyping } from './typing.js';

const member = (user_id: string, typing?: unknown): Member => ({
  user_id,
  username: user_id,
  connections: 1,
  joined_at: 0,
  state: typing === undefined ? {} : { typing },
});

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('typing', () => {
  it('is told at the first key, seldom while it goes on, and at the end', () => {
    const told: (number | null)[] = [];
    const typing = new OwnTyping((value) => told.push(value));
    for (let second = 0; second < 12; second++) {
      typing.touch();
      jest.advanceTimersByTime(1000);
    }
    expect(told).toEqual([1, 2]);
    typing.stop();
    typing.stop();
    expect(told).toEqual([1, 2, null]);
  });

  it('ends by itself without a key', () => {
    const told: (number | null)[] = [];
    const typing = new OwnTyping((value) => told.push(value));
    typing.touch();
    jest.advanceTimersByTime(5000);
    expect(told).toEqual([1, null]);
    typing.touch();
    expect(told).toEqual([1, null, 2]);
    typing.stop();
  });

  it('of others is shown while it is fresh: one who was cut off does not type for ever', () => {
    const changed = jest.fn();
    const others = new OthersTyping(changed);
    expect(others.among([member('ann', 1), member('bob'), member('eve', true)])).toEqual(['ann', 'eve']);
    jest.advanceTimersByTime(15_000);
    expect(others.among([member('ann', 2), member('eve', true)])).toEqual(['ann', 'eve']);
    jest.advanceTimersByTime(2000);
    expect(changed).toHaveBeenCalledTimes(1);
    expect(others.among([member('ann', 2), member('eve', true)])).toEqual(['ann']);
    expect(others.among([])).toEqual([]);
    others.dispose();
    expect(jest.getTimerCount()).toBe(0);
  });
});
