import type { IncomingHttpHeaders } from 'node:http';
import { HubbubError } from '@hubbub/protocol';
import { hubbubV1 } from './hubbub-v1.dialect.js';
import {
  clientAddress,
  decideUpgrade,
  isOriginAllowed,
  refusalResponse,
  refuse,
  selectSubprotocol,
  type UpgradeRules,
} from './upgrade.js';

const RULES: UpgradeRules = { wsPath: '/ws', trustProxy: false, allowedOrigins: ['https://app.example'] };
const HANDSHAKE = {
  host: 'chat.example',
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

function decide(url: string, headers: IncomingHttpHeaders = {}, method = 'GET') {
  return decideUpgrade(
    { method, url, headers: { ...HANDSHAKE, ...headers }, remoteAddress: '10.0.0.1' },
    [hubbubV1],
    RULES,
  );
}

/** Status and error code of a refusal; null when it was let in. */
function refused(...args: Parameters<typeof decide>): readonly [number, number] | null {
  const decision = decide(...args);
  return 'refusal' in decision ? [decision.refusal.status, decision.refusal.error.code] : null;
}

function tokenOf(...args: Parameters<typeof decide>): string | null {
  const decision = decide(...args);
  if ('refusal' in decision) throw decision.refusal.error;
  return decision.candidate.token;
}

describe('an upgrade', () => {
  it('is let in on the configured path', () => {
    const candidate = { dialect: hubbubV1, token: null, protocols: [], remoteAddress: '10.0.0.1' };
    expect(decide('/ws?x=1')).toEqual({ candidate });
  });

  it.each(['/ws#x', '/ws?', '/./ws', '/x/../ws', 'http://other/ws', 'https://other:1/ws?x=1'])(
    'is let in on %s',
    (url) => {
      expect(decide(url)).toHaveProperty('candidate.token', null);
    },
  );

  it.each([
    ...['/', '/ws/', '/ws2', '/WS', '/w%73', '/ws%20', '/ws;x', '/wsé', '*', 'ws', 'host:80', 'http://[', ''],
    ...[
      '//ws',
      '//other/ws',
      '///ws',
      '/\\other/ws',
      '/other//ws',
      '/socket?path=/ws',
      '/socket#/ws',
      'http://other//ws',
    ],
  ])('is answered 404 on %s', (url) => {
    expect(refused(url)).toEqual([404, 1006]);
  });

  it.each([
    ['no WebSocket', { upgrade: 'h2c' }, 426],
    ['another version', { 'sec-websocket-version': '8' }, 426],
    ['no key', { 'sec-websocket-key': undefined }, 400],
    ['a short key', { 'sec-websocket-key': 'AAAA' }, 400],
  ])('is refused with %s', (_, headers, status) => {
    expect(refused('/ws', headers)).toEqual([status, 1001]);
  });

  it('is refused with another method', () => {
    expect(refused('/ws', {}, 'POST')).toEqual([400, 1001]);
  });

  it.each([
    ['hubbub.v1', null],
    ['hubbub.v1, graphql-ws', null],
    ['graphql-ws,hubbub.v1', null],
    ['hubbub.v1, bearer.a.b.c', null],
    ['graphql-ws', [400, 1001]],
    ['bearer.a.b.c', [400, 1001]],
    ['', [400, 1001]],
    ['hubbub.v1, hubbub.v1', [400, 1001]],
    ['hubbub.v1, not a token', [400, 1001]],
    ['hubbub.v1,', [400, 1001]],
  ])('that offers the subprotocols "%s" ends with %j', (offered, outcome) => {
    expect(refused('/ws', { 'sec-websocket-protocol': offered })).toEqual(outcome);
  });
});

describe('credentials', () => {
  const header = { authorization: 'Bearer from.the.header' };
  const subprotocol = { 'sec-websocket-protocol': 'hubbub.v1, bearer.from.the.subprotocol' };

  it('are looked for in the header, the subprotocols and the query, in this order', () => {
    expect(tokenOf('/ws?token=from.the.query', { ...header, ...subprotocol })).toBe('from.the.header');
    expect(tokenOf('/ws?token=from.the.query', subprotocol)).toBe('from.the.subprotocol');
    expect(tokenOf('/ws?token=from.the.query')).toBe('from.the.query');
    expect(tokenOf('/ws')).toBeNull();
  });

  it('count as present when they are empty, so that a client is not let in as nobody by mistake', () => {
    expect(tokenOf('/ws?token=good', { authorization: 'Bearer' })).toBe('');
    expect(tokenOf('/ws?token=')).toBe('');
  });

  it('of another scheme are not ours', () => {
    expect(tokenOf('/ws', { authorization: 'Basic YTpi' })).toBeNull();
  });

  it('are never selected as the subprotocol', () => {
    expect(selectSubprotocol(['bearer.x', 'foo', 'hubbub.v1'], [hubbubV1])).toBe('hubbub.v1');
    expect(selectSubprotocol(['bearer.x'], [hubbubV1])).toBe(false);
  });
});

describe('pages', () => {
  const allowed = (headers: IncomingHttpHeaders, trustProxy = false): boolean =>
    isOriginAllowed({ host: 'chat.example', ...headers }, { ...RULES, trustProxy });

  it.each([
    ['no browser', {}, true],
    ['our own host', { origin: 'https://chat.example' }, true],
    ['our own host, default port written out', { origin: 'https://chat.example', host: 'chat.example:443' }, true],
    ['our own host in capitals', { origin: 'https://chat.example', host: 'Chat.Example' }, true],
    ['our own host on its port', { origin: 'http://localhost:8080', host: 'localhost:8080' }, true],
    ['another port of our host', { origin: 'https://chat.example:8443' }, false],
    ['a listed origin', { origin: 'https://app.example' }, true],
    ['a listed host with another scheme', { origin: 'http://app.example' }, false],
    ['a host that begins with ours', { origin: 'https://chat.example.evil' }, false],
    ['a host that ends with ours', { origin: 'https://evilchat.example' }, false],
    ['a sandboxed page', { origin: 'null' }, false],
    ['an empty origin', { origin: '' }, false],
    ['a forwarded host that nobody vouches for', { origin: 'https://evil', 'x-forwarded-host': 'evil' }, false],
  ])('of %s: %j → %s', (_, headers, outcome) => {
    expect(allowed(headers)).toBe(outcome);
  });

  it('of the forwarded host may connect behind a trusted proxy', () => {
    const headers = { origin: 'https://public.example', 'x-forwarded-host': 'made.up, public.example' };
    expect(allowed(headers, true)).toBe(true);
    expect(allowed({ origin: 'https://chat.example', 'x-forwarded-host': 'public.example' }, true)).toBe(false);
    expect(allowed({ ...headers, origin: 'https://made.up' }, true)).toBe(false);
  });

  it('of a foreign origin are answered 403', () => {
    expect(refused('/ws', { origin: 'https://evil.example' })).toEqual([403, 2001]);
  });
});

describe("the client's address", () => {
  it('is that of the peer unless the proxy is trusted', () => {
    const headers = { 'x-forwarded-for': '203.0.113.7' };
    expect(clientAddress(headers, '10.0.0.1', false)).toBe('10.0.0.1');
    expect(clientAddress(headers, '10.0.0.1', true)).toBe('203.0.113.7');
    expect(clientAddress({ 'x-forwarded-for': '2001:db8::7' }, '10.0.0.1', true)).toBe('2001:db8::7');
    expect(clientAddress({}, '::ffff:10.0.0.1', true)).toBe('10.0.0.1');
    expect(clientAddress({}, '2001:db8::1', true)).toBe('2001:db8::1');
  });

  it('is what the trusted proxy appended, whatever the client made up before it', () => {
    const headers = { 'x-forwarded-for': '198.51.100.1, 192.0.2.2,203.0.113.7' };
    expect(clientAddress(headers, '10.0.0.1', true)).toBe('203.0.113.7');
  });

  it.each(['', 'unknown', '203.0.113.7, _hidden', '203.0.113.7,', '999.1.1.1'])(
    'is that of the peer where the trusted proxy gives none: %j',
    (forwarded) => {
      expect(clientAddress({ 'x-forwarded-for': forwarded }, '10.0.0.1', true)).toBe('10.0.0.1');
    },
  );
});

it('a refusal is a whole HTTP answer with the error as its JSON body', () => {
  const error = new HubbubError('RateLimited', { message: 'Zu viele für Ü.', retryAfterMs: 1200 });
  const [head = '', body = ''] = refusalResponse(refuse(error), 'Too Many Requests').split('\r\n\r\n');
  expect(head.split('\r\n')).toEqual([
    'HTTP/1.1 429 Too Many Requests',
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Retry-After: 2',
  ]);
  expect(JSON.parse(body)).toEqual({
    code: 1005,
    name: 'RateLimited',
    message: 'Zu viele für Ü.',
    retryable: true,
    retry_after_ms: 1200,
  });
});
