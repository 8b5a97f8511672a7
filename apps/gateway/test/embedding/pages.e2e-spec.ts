import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { servePages } from '@hubbub/hubbub';
import { Controller, Get } from '@nestjs/common';
import { closeApplications, PLATFORMS, startApplication } from './applications.js';

@Controller()
class HomeController {
  @Get()
  home(): string {
    return 'the shop';
  }

  @Get('assets/:name')
  asset(): string {
    return 'of the shop';
  }
}

describe('the pages in an application of somebody’s own', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hubbub-pages-'));
    mkdirSync(join(folder, 'assets'));
    const html = (name: string) => `<html><head><script src="./assets/${name}.js"></script></head></html>`;
    for (const name of ['index', 'console']) writeFileSync(join(folder, `${name}.html`), html(name));
    writeFileSync(join(folder, 'assets/index.js'), 'chat()');
    writeFileSync(join(folder, 'assets/index.js.gz'), gzipSync('chat()'));
  });
  afterAll(async () => {
    await closeApplications();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(PLATFORMS)('stand on %s below a path of its choice, and know where the gateway is', async (platform) => {
    const app = await startApplication({
      platform,
      controllers: [HomeController],
      config: { server: { wsPath: '/live' }, auth: { registration: false } },
      prepare: (application) => {
        application.setGlobalPrefix('v1', { exclude: ['/', 'assets/*name'] });
        servePages(application, { folder, path: '/chat' });
      },
    });
    for (const [path, script] of [
      ['/chat', 'index'],
      ['/chat/', 'index'],
      ['/chat/console', 'console'],
    ]) {
      const { status, headers, text } = await app.fetch('GET', path as string);
      expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(headers.get('content-security-policy')).toContain("script-src 'self'");
      expect(text).toContain(`src="/chat/assets/${script}.js"`);
      const [, settings = ''] = /<meta name="hubbub" content="([^"]*)"/.exec(text) ?? [];
      expect(JSON.parse(settings.replaceAll('&#34;', '"'))).toMatchObject({
        api: '/v1/api',
        socket: '/live',
        registration: false,
      });
    }
    const asset = await app.fetch('GET', '/chat/assets/index.js');
    expect([asset.status, asset.headers.get('content-encoding'), asset.text]).toEqual([200, 'gzip', 'chat()']);
    expect(asset.headers.get('cache-control')).toContain('immutable');

    // What was there before is as it was.
    expect((await app.fetch('GET', '/')).text).toBe('the shop');
    expect((await app.fetch('GET', '/assets/index.js')).text).toBe('of the shop');
    expect((await app.fetch('GET', '/chat/assets/none.js')).status).toBe(404);
  });

  it('are missed at the start, and not by the first who asks', async () => {
    const prepare: Parameters<typeof startApplication>[0] = {
      prepare: (application) => servePages(application, { folder: join(folder, 'elsewhere') }),
    };
    await expect(startApplication(prepare)).rejects.toThrow('index.html');
  });
});
