import { once } from 'node:events';
import { connect } from 'node:net';
import { Body, Controller, Get, Headers, Post } from '@nestjs/common';
import { WireApp } from './testing/wire-harness.js';

@Controller('plain')
class PlainController {
  @Get()
  get(@Headers() headers: Record<string, string>): object {
    return { upgrade: headers['upgrade'] ?? null, note: headers['x-note'] };
  }

  @Post()
  post(@Body() body: object): object {
    return { body };
  }
}

describe('a request that would like a protocol other than WebSocket', () => {
  let node: WireApp;
  beforeAll(async () => {
    node = await WireApp.start({}, { controllers: [PlainController] });
  });
  afterAll(() => node.stop());

  /** The whole answer to a request that curl or Java would send, in `pieces`. */
  async function answer(first: string, more = '', ...pieces: string[]): Promise<string> {
    const socket = connect(Number(new URL(node.http).port), '127.0.0.1');
    const upgrade = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write(`${first} HTTP/1.1\r\nHost: x\r\n${upgrade}${more}\r\n`);
    for (const piece of pieces) {
      await new Promise(setImmediate);
      socket.write(piece);
    }
    await once(socket, 'close');
    return text;
  }

  it('is served as the HTTP request that it is', async () => {
    const text = await answer('GET /plain', 'X-Note: caf\xe9\r\n');
    expect(text).toContain('HTTP/1.1 200 OK');
    // Node reads headers byte by byte.
    expect(text).toContain('{"upgrade":null,"note":"caf\u00c3\u00a9"}');
    expect(await answer('GET /nowhere')).toContain('HTTP/1.1 404');
    expect(await answer('GET /ws')).toContain('HTTP/1.1 426');
  });

  it('keeps its body, however it comes', async () => {
    const json = '{"text":"hello"}';
    const headers = `Content-Type: application/json\r\nContent-Length: ${json.length}\r\n`;
    for (const pieces of [[json], [json.slice(0, 5), json.slice(5)]]) {
      expect(await answer('POST /plain', headers, ...pieces)).toContain(`{"body":${json}}`);
    }
    const chunked = 'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n';
    expect(await answer('POST /plain', chunked, `10\r\n${json}\r\n`, '0\r\n\r\n')).toContain(`{"body":${json}}`);
  });

  it('does nothing else on its connection: a request behind it is not answered', async () => {
    const text = await answer('GET /plain', '', 'GET /plain HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  it('may be reset while it is served, with nothing left over', async () => {
    const server = node.app.getHttpServer();
    const socket = connect(Number(new URL(node.http).port), '127.0.0.1');
    await once(socket, 'connect');
    const upgraded = once(server, 'upgrade');
    socket.write(
      'POST /plain HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 10\r\n\r\n',
    );
    await upgraded;
    socket.resetAndDestroy();
    expect(await answer('GET /plain')).toContain('HTTP/1.1 200 OK');
  });
});
