import { type Dialect, pickDialect } from './dialect.js';
import { hubbubV1 } from './hubbub-v1.dialect.js';

const other: Dialect = { ...hubbubV1, subprotocol: 'other.v1' };
const elsewhere: Dialect = { ...hubbubV1, subprotocol: 'elsewhere', path: '/app' };
const all = [hubbubV1, other, elsewhere];

describe('picking a dialect', () => {
  it('takes the first of the path when no subprotocol is offered', () => {
    expect(pickDialect(all, '/ws', [], '/ws')).toBe(hubbubV1);
    expect(pickDialect(all, '/app', [], '/ws')).toBe(elsewhere);
  });

  it('takes one that is offered', () => {
    expect(pickDialect(all, '/ws', ['unknown', 'other.v1'], '/ws')).toBe(other);
  });

  it('tells a path that is not served from a subprotocol that is not spoken there', () => {
    expect(pickDialect(all, '/', ['hubbub.v1'], '/ws')).toBeNull();
    expect(pickDialect(all, '/ws', ['elsewhere'], '/ws')).toBeUndefined();
  });

  it('follows the configured path', () => {
    expect(pickDialect(all, '/socket', [], '/socket')).toBe(hubbubV1);
    expect(pickDialect(all, '/ws', [], '/socket')).toBeNull();
  });
});

describe('hubbub.v1', () => {
  it('writes the envelope of the protocol', () => {
    const payload = hubbubV1.encode('pong', '{"ts":1}', 7);
    expect(JSON.parse(payload)).toEqual({
      message_type: 'pong',
      request_id: 7,
      data: { ts: 1 },
      timestamp: expect.any(Number) as number,
    });
  });
});
