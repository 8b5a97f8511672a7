import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';

const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };

/** The page of `tabs/`, built by Vite with the worker as a file of its own, and served. */
export class TabsPage {
  private constructor(
    private readonly server: Server,
    private readonly folder: string,
  ) {}

  static async start(): Promise<TabsPage> {
    const folder = mkdtempSync(join(tmpdir(), 'hubbub-tabs-'));
    const page = resolve('apps/web/test/support/tabs');
    const options = [
      'build',
      page,
      '--config',
      resolve('apps/web/test/support/tabs/vite.config.mjs'),
      '--outDir',
      folder,
    ];
    execFileSync(process.execPath, [resolve('node_modules/vite/bin/vite.js'), ...options, '--logLevel', 'error']);
    const server = createServer(({ url = '/' }, response) => {
      const { pathname } = new URL(url, 'http://localhost');
      const file = pathname === '/' ? '/index.html' : pathname;
      try {
        const content = readFileSync(join(folder, file));
        response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
        response.end(content);
      } catch {
        response.writeHead(404).end();
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TabsPage(server, folder);
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
