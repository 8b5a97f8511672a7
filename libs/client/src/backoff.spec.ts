import { PUSHES, shouldReconnect } from '@hubbub/protocol';
import { Backoff, reconnects, retryAfterMs } from './backoff.js';
import { isPushType, isRoomPush } from './events.js';

describe('Backoff', () => {
  it('draws from 0 to a bound that doubles up to its maximum', () => {
    const highest = new Backoff({ baseMs: 100, maxMs: 1000 }, () => 1);
    expect(Array.from({ length: 6 }, () => highest.next())).toEqual([100, 200, 400, 800, 1000, 1000]);
    const lowest = new Backoff({ baseMs: 100, maxMs: 1000 }, () => 0);
    expect(lowest.next()).toBe(0);
  });

  it('adds the jitter to what the server asked for', () => {
    expect(new Backoff({ baseMs: 100, maxMs: 1000 }, () => 0.5).next(3000)).toBe(3050);
  });

  it('doubles its bound only once several attempts were made, where there are several addresses', () => {
    const highest = new Backoff({ baseMs: 100, maxMs: 1000 }, () => 1, 2);
    expect(Array.from({ length: 5 }, () => highest.next())).toEqual([100, 100, 200, 200, 400]);
  });

  it('begins small again after a reset', () => {
    const backoff = new Backoff({ baseMs: 100, maxMs: 1000 }, () => 1);
    backoff.next();
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(100);
  });
});

describe('what the client repeats of the protocol, to leave its schemas out of a bundle', () => {
  it('advises to reconnect as the protocol does, for every close code', () => {
    for (let code = 1000; code <= 5000; code++) expect([code, reconnects(code)]).toEqual([code, shouldReconnect(code)]);
  });

  it('knows every push of the protocol, and which of them belong to a room', () => {
    for (const type of Object.keys(PUSHES)) expect(isPushType(type)).toBe(true);
    for (const type of ['state', 'lost', 'constructor', 'ping']) expect(isPushType(type)).toBe(false);
    expect(Object.keys(PUSHES).filter(isRoomPush)).toHaveLength(7);
  });
});

describe('Retry-After', () => {
  it('is read as seconds or as a date', () => {
    expect(retryAfterMs('3', 0)).toBe(3000);
    expect(retryAfterMs('Thu, 01 Jan 1970 00:00:10 GMT', 4000)).toBe(6000);
    expect(retryAfterMs('Thu, 01 Jan 1970 00:00:10 GMT', 40_000)).toBe(0);
  });

  it('is none where it is absent or broken', () => {
    for (const header of [undefined, '', 'soon', ['1']]) expect(retryAfterMs(header, 0)).toBeUndefined();
  });
});
