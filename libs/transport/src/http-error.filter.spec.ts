import { HubbubError } from '@hubbub/protocol';
import {
  BadRequestException,
  Body,
  Controller,
  Get,
  HttpException,
  type LoggerService,
  Param,
  Post,
  ServiceUnavailableException,
} from '@nestjs/common';
import { WireApp } from './testing/wire-harness.js';

const THROWN: Record<string, () => unknown> = {
  room: () => new HubbubError('RoomNotFound'),
  limited: () => new HubbubError('RateLimited', { retryAfterMs: 1500 }),
  nest: () => new BadRequestException('The name is taken.'),
  teapot: () => new HttpException('I am a teapot.', 418),
  health: () => new ServiceUnavailableException({ status: 'error', details: { database: { status: 'down' } } }),
  bug: () => new TypeError('secret detail'),
  text: () => 'thrown text',
};

@Controller('test')
class ThrowingController {
  @Get(':what')
  fail(@Param('what') what: string): never {
    throw THROWN[what]?.();
  }

  @Post()
  echo(@Body() body: object): object {
    return body;
  }
}

describe('HTTP errors (PROTOCOL §8)', () => {
  let node: WireApp;
  const errors: unknown[] = [];
  const logger: LoggerService = { log: () => {}, warn: () => {}, error: (entry: unknown) => void errors.push(entry) };
  beforeAll(async () => {
    node = await WireApp.start({}, { controllers: [ThrowingController] });
    node.app.useLogger(logger);
  });
  beforeEach(() => errors.splice(0));
  afterAll(() => node.stop());

  async function request(path: string, init: RequestInit = {}) {
    const response = await fetch(`${node.http}${path}`, init);
    return { status: response.status, headers: response.headers, body: (await response.json()) as object };
  }
  const post = (body: string, type = 'application/json') =>
    request('/test', { method: 'POST', body, headers: { 'content-type': type } });

  it.each([
    ['/test/room', 404, 3000, 'RoomNotFound'],
    ['/test/nest', 400, 1001, 'InvalidFormat'],
    ['/test/teapot', 418, 1001, 'InvalidFormat'],
    ['/nowhere', 404, 1006, 'UnknownType'],
  ])('%s is answered %i with code %i', async (path, status, code, name) => {
    const { body, ...answer } = await request(path);
    expect(answer.status).toBe(status);
    expect(body).toEqual({ code, name, message: expect.any(String) as string, retryable: false });
    expect(errors).toEqual([]);
  });

  it('say when to try again', async () => {
    const { status, headers, body } = await request('/test/limited');
    expect([status, headers.get('retry-after')]).toEqual([429, '2']);
    expect(body).toMatchObject({ code: 1005, retryable: true, retry_after_ms: 1500 });
  });

  it.each(['bug', 'text'])('that nobody foresaw tell nothing of themselves and are logged once: %s', async (what) => {
    const { status, body } = await request(`/test/${what}`);
    expect(status).toBe(500);
    expect(body).toEqual({
      code: 1000,
      name: 'Unknown',
      message: 'Something unforeseen went wrong.',
      retryable: false,
    });
    expect(errors).toHaveLength(1);
  });

  it('keep what a handler wrote itself, as the health check does', async () => {
    const { status, body } = await request('/test/health');
    expect(status).toBe(503);
    expect(body).toMatchObject({ code: 1003, status: 'error', details: { database: { status: 'down' } } });
  });

  it('of a body that is not JSON, too large or of another type do not repeat it', async () => {
    const faults = [await post('{"secret'), await post('a,b', 'text/csv'), await post(`"${'x'.repeat(2_000_000)}"`)];
    expect(faults.map(({ status }) => status)).toEqual([400, 415, 413]);
    expect(faults.map(({ body }) => (body as { code: number }).code)).toEqual([1001, 1001, 4002]);
    expect(JSON.stringify(faults)).not.toContain('secret');
    expect(errors).toEqual([]);
  });
});
