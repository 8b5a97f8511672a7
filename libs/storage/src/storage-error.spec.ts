import { asUnavailable } from './storage-error.js';

const withCode = (code: string): Error => Object.assign(new Error(code), { code });

describe('asUnavailable', () => {
  it.each([
    'SQLITE_BUSY',
    'SQLITE_BUSY_SNAPSHOT',
    'SQLITE_LOCKED',
    'SQLITE_LOCKED_SHAREDCACHE',
    'SQLITE_FULL',
    'SQLITE_IOERR',
    'SQLITE_IOERR_FSYNC',
    'SQLITE_READONLY',
    'SQLITE_READONLY_DBMOVED',
    'SQLITE_CORRUPT',
    'SQLITE_CORRUPT_INDEX',
    'SQLITE_CANTOPEN',
  ])('tells the caller of %s that he may try again later, and keeps the cause for the log', (code) => {
    const error = withCode(code);
    const wrapped = Object.assign(new Error('query failed'), { driverError: error, parameters: ['what people wrote'] });
    const mapped = asUnavailable(wrapped);
    expect(mapped).toMatchObject({ name: 'ServerError', retryable: true });
    expect(mapped?.cause).toBe(error);
    expect(asUnavailable(error)?.cause).toBe(error);
    expect(mapped?.message).not.toContain('SQLITE');
  });

  it.each(['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_ERROR', 'SQLITE_MISUSE', 'ENOENT', ''])('leaves %j alone', (code) => {
    expect(asUnavailable(withCode(code))).toBeUndefined();
  });

  it.each([undefined, null, 'text', 42, {}])('leaves %j alone, which is no error', (thrown) => {
    expect(asUnavailable(thrown)).toBeUndefined();
  });
});
