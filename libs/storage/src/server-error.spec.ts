import { HubbubError } from '@hubbub/protocol';
import { ConnectionLost, isRepeatable, mayComeBack, serverUnavailable } from './server-error.js';

const withCode = (code: string): Error => Object.assign(new Error(code), { code });
const wrapped = (code: string): Error =>
  Object.assign(new Error('query failed'), { driverError: withCode(code), parameters: ['what people wrote'] });

describe('serverUnavailable', () => {
  it.each([
    ...['08006', '25006', '25P03', '28P01', '3D000', '40001', '40P01', '53100', '53300', '55P03', '57014', '57P01'],
    ...['57P03', '58030', 'XX001', 'ER_CON_COUNT_ERROR', 'ER_SERVER_SHUTDOWN', 'ER_LOCK_DEADLOCK'],
    ...['ER_LOCK_WAIT_TIMEOUT', 'ER_OPTION_PREVENTS_STATEMENT', 'ER_STATEMENT_TIMEOUT', 'ER_DISK_FULL'],
  ])('tells the caller of %s that he may try again later, and keeps only the cause for the log', (code) => {
    const mapped = serverUnavailable(wrapped(code));
    expect(mapped).toMatchObject({ name: 'ServerError', retryable: true });
    expect(mapped?.cause).toMatchObject({ message: code });
    expect(mapped?.cause).not.toHaveProperty('parameters');
  });

  it.each([1927, 1969])('knows error %d of MariaDB, which the driver has no name for', (errno) => {
    const driverError = Object.assign(new Error('interrupted'), { errno, code: undefined });
    expect(serverUnavailable({ driverError })).toMatchObject({ name: 'ServerError', retryable: true });
    expect(serverUnavailable({ driverError: { errno: 1064, code: undefined } })).toBeUndefined();
  });

  it.each(['23505', '23503', '22001', '42601', 'XX000', 'ER_DUP_ENTRY', 'ER_PARSE_ERROR', 'ER_DATA_TOO_LONG', ''])(
    'leaves %j alone',
    (code) => expect(serverUnavailable(wrapped(code))).toBeUndefined(),
  );

  it('leaves alone what the work itself says, and what is no error', () => {
    expect(serverUnavailable(new HubbubError('RoomNotFound'))).toBeUndefined();
    for (const thrown of [undefined, null, 'text', 42, {}]) expect(serverUnavailable(thrown)).toBeUndefined();
  });

  it('tells a lost commit from what was undone', () => {
    const lost = (outcome: ConnectionLost['outcome']) => serverUnavailable(new ConnectionLost(wrapped('x'), outcome));
    expect([lost('none')?.name, lost('undone')?.name, lost('unknown')?.name]).toEqual([
      'ServerError',
      'ServerError',
      'Timeout',
    ]);
    expect(lost('unknown')?.cause).not.toHaveProperty('parameters');
  });
});

describe('isRepeatable', () => {
  it('is what others were in the way of, and what was undone with its connection', () => {
    const repeatable = ['40001', '40P01', '55P03', 'ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', '57014', '23505'];
    expect(repeatable.map((code) => isRepeatable(wrapped(code)))).toEqual([true, true, true, true, true, false, false]);
    const lost = (['none', 'undone', 'unknown'] as const).map((outcome) => new ConnectionLost(null, outcome));
    expect(lost.map(isRepeatable)).toEqual([false, true, false]);
  });
});

describe('mayComeBack', () => {
  it('is said of a server that is away, starting or full, not of a wrong name or password', () => {
    const codes = ['ECONNREFUSED', 'ENOTFOUND', '57P03', '53300', 'ER_CON_COUNT_ERROR'];
    expect(codes.filter((code) => !mayComeBack(withCode(code)))).toEqual([]);
    const wrong = ['28P01', '28000', '3D000', 'ER_ACCESS_DENIED_ERROR', 'ER_BAD_DB_ERROR', 'ERR_INVALID_URL', '42601'];
    expect(wrong.filter((code) => mayComeBack(withCode(code)))).toEqual([]);
    expect(mayComeBack(new Error('Connection terminated unexpectedly'))).toBe(true);
  });
});
