import { connect, type Socket } from 'node:net';
import { startGateway, type TestGateway } from '@hubbub/testing';

/** Bytes over plain TCP, and what came back once the other side has ended. */
function raw(port: number, text: string): { socket: Socket; answer: Promise<string> } {
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  const answer = new Promise<string>((resolve) => {
    let all = '';
    socket.on('data', (bytes: Buffer) => (all += bytes.toString()));
    socket.on('error', () => {});
    socket.once('close', () => resolve(all));
  });
  return { socket, answer };
}
const bodyOf = (answer: string) => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as Record<string, unknown>;

describe('HTTP that is none', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ server: { trustProxy: true }, limits: { authPerMin: 3 } });
  });
  afterAll(() => gateway.close());

  it('is answered with the error body of every other error', async () => {
    const garbage = await raw(gateway.port, 'nonsense\r\n\r\n').answer;
    expect(garbage).toMatch(/^HTTP\/1\.1 400 /);
    expect(bodyOf(garbage)).toMatchObject({ code: 1001, name: 'InvalidFormat' });
    const headers = await raw(gateway.port, `GET /health HTTP/1.1\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`).answer;
    expect(headers).toMatch(/^HTTP\/1\.1 431 /);
    expect(bodyOf(headers)).toMatchObject({ code: 4002 });
    const url = await gateway.fetch('GET', '/%zz');
    expect([url.status, url.body]).toEqual([400, expect.objectContaining({ code: 1001, name: 'InvalidFormat' })]);
    expect(url.text).not.toContain('zz');
  });

  it('behind a proxy only the address that the proxy itself added counts', async () => {
    const login = (spoofed: string) =>
      gateway.fetch('POST', '/api/auth/login', {
        body: { username: 'nobody', password: '12345678' },
        headers: { 'x-forwarded-for': `${spoofed}, 5.5.5.5` },
      });
    const statuses = [];
    for (let n = 0; n < 5; n++) statuses.push((await login(`9.9.9.${n}`)).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
  });
});

describe('shutdown', () => {
  it('is not held up by sockets that say nothing, half a request or half a body', async () => {
    const gateway = await startGateway({ drain: { timeoutMs: 1000 } });
    const post =
      'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"user';
    const lingering = ['', 'GET /hea', post].map((text) => raw(gateway.port, text));
    await Promise.all(lingering.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))));
    await gateway.fetch('GET', '/health/live');
    await gateway.close();
    await Promise.all(lingering.map(({ answer }) => answer));
  });
});
