import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HubbubConfig } from '@hubbub/config';
import { answerHttpError, type HttpReply } from '@hubbub/transport';
import { type INestApplication, NotFoundException, StreamableFile } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { VERSION } from '../version.js';
import { encode, readAssets } from './assets.js';
import { ASSET_HEADERS, PAGE_HEADERS } from './page-headers.js';

export interface ServePagesOptions {
  /** Where built pages are: `index.html`, `console.html` and `assets`. @default those that come with Hubbub */
  readonly folder?: string;
  /** The path they stand below: `/chat` serves `/chat` and `/chat/console`. @default '' */
  readonly path?: string;
}

interface AssetRequest {
  readonly params: { readonly name: string };
  readonly headers: { readonly 'accept-encoding'?: string };
}

/** Where they come with Hubbub: in the package, and where `npm run build` puts them. */
const FOLDERS = ['../../../pages', '../../../../apps/web'];

/**
 * Serves the chat page and the operator's console, on Express or Fastify; their files compressed as they were built. The pages learn
 * from this where API and socket are. Call it after `useHubbub` and `setGlobalPrefix`, before `listen`.
 * @throws Error if the folder has no built pages
 */
export function servePages(app: INestApplication, { folder = ownFolder(), path = '' }: ServePagesOptions = {}): void {
  const config = app.get(HubbubConfig, { strict: false });
  const globalPrefix = app
    .get(ApplicationConfig, { strict: false })
    .getGlobalPrefix()
    .replace(/^\/?(?=.)/, '/');
  const http = app.getHttpAdapter();

  const settings = () => ({
    api: `${globalPrefix}/api`,
    socket: config.server.wsPath,
    registration: config.auth.registration,
    version: VERSION,
  });
  const serve = (file: string, paths: readonly string[]) => {
    const html = readFileSync(join(folder, file), 'utf8').replaceAll('"./assets/', `"${path}/assets/`);
    const answer = (_request: unknown, response: unknown) => {
      for (const [header, value] of Object.entries(PAGE_HEADERS)) http.setHeader(response, header, value);
      const meta = `<meta name="hubbub" content="${attribute(JSON.stringify(settings()))}" />`;
      return http.reply(
        response,
        html.replace('</head>', () => `${meta}</head>`),
        200,
      ) as unknown;
    };
    for (const at of paths) http.get(at, answer);
  };
  serve('index.html', path === '' ? ['/'] : [path, `${path}/`]);
  serve('console.html', [`${path}/console`, `${path}/console/`]);

  const assets = readAssets(join(folder, 'assets'));
  http.get(`${path}/assets/:name`, (request: AssetRequest, response: HttpReply) => {
    const asset = assets.get(request.params.name);
    if (asset === undefined) {
      answerHttpError(new NotFoundException(), response);
      return undefined;
    }
    const { bytes, encoding } = encode(asset, request.headers['accept-encoding'] ?? '');
    for (const [header, value] of Object.entries(ASSET_HEADERS)) http.setHeader(response, header, value);
    if (encoding) http.setHeader(response, 'Content-Encoding', encoding);
    return http.reply(response, new StreamableFile(bytes, { type: asset.type, length: bytes.length }), 200) as unknown;
  });
}

function ownFolder(): string {
  const folders = FOLDERS.map((folder) => fileURLToPath(new URL(folder, import.meta.url)));
  const found = folders.find((folder) => existsSync(join(folder, 'assets')));
  if (found === undefined) throw new Error('the chat page and the console are not there: `npm run build` makes them');
  return found;
}

function attribute(text: string): string {
  return text.replace(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
