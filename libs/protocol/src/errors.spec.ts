import { CLOSE, ERRORS, HubbubError, isHubbubError, shouldReconnect } from './index.js';

describe('HubbubError', () => {
  it('has code, retryable and HTTP status of the table', () => {
    const error = new HubbubError('RoomFull');
    expect(error.toJSON()).toEqual({ code: 3002, name: 'RoomFull', message: ERRORS.RoomFull.message, retryable: true });
    expect(error.httpStatus).toBe(409);
  });

  it('rounds retry_after_ms up to a whole millisecond and never says 0', () => {
    expect(new HubbubError('RateLimited', { retryAfterMs: 0.2 }).toJSON().retry_after_ms).toBe(1);
    expect(new HubbubError('RateLimited', { retryAfterMs: 20.5 }).toJSON().retry_after_ms).toBe(21);
  });

  it('keeps its cause for the log and out of the wire form', () => {
    const error = new HubbubError('ServerError', { cause: new Error('SQLITE_FULL') });
    expect(JSON.stringify(error)).not.toContain('SQLITE');
    expect((error.cause as Error).message).toBe('SQLITE_FULL');
  });

  it('is known by shape, and an error that only borrows a name is not', () => {
    const foreign = Object.assign(new Error('x'), { name: 'RoomFull', code: 3002 });
    expect(isHubbubError(foreign)).toBe(true);
    expect(isHubbubError(Object.assign(new Error('x'), { name: 'RoomFull', code: 1 }))).toBe(false);
    expect(isHubbubError(Object.assign(new Error('x'), { name: 'constructor' }))).toBe(false);
    expect(isHubbubError({ name: 'RoomFull', code: 3002 })).toBe(false);
  });

  it('has one code for one name', () => {
    const codes = Object.values(ERRORS).map((row) => row.code);
    expect(new Set(codes).size).toBe(codes.length);
  });
});

describe('close codes', () => {
  it('say by their range whether to reconnect', () => {
    expect(shouldReconnect(CLOSE.SlowConsumer.code)).toBe(true);
    expect(shouldReconnect(CLOSE.ServiceRestart.code)).toBe(true);
    expect(shouldReconnect(1006)).toBe(true);
    expect(shouldReconnect(CLOSE.Normal.code)).toBe(false);
    expect(shouldReconnect(CLOSE.Revoked.code)).toBe(false);
  });

  it('have reasons that fit a close frame', () => {
    for (const { reason } of Object.values(CLOSE)) expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  });
});
