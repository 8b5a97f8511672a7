import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/** The same file in the forms that it was built in. */
export interface Asset {
  readonly type: string;
  readonly plain: Buffer;
  readonly br?: Buffer;
  readonly gzip?: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * The assets of the built pages by their names, in memory: they are few and small, and a page goes on having those of its build
 * when another one takes its place on the disk.
 */
export function readAssets(folder: string): ReadonlyMap<string, Asset> {
  const read = (file: string) => (existsSync(file) ? readFileSync(file) : undefined);
  return new Map(
    readdirSync(folder).flatMap((name) => {
      const type = TYPES[extname(name)];
      if (type === undefined) return [];
      const file = join(folder, name);
      const br = read(`${file}.br`);
      const gzip = read(`${file}.gz`);
      return [[name, { type, plain: readFileSync(file), ...(br && { br }), ...(gzip && { gzip }) }] as const];
    }),
  );
}

/** The form that a client understands best. @param accepted its `Accept-Encoding` */
export function encode(asset: Asset, accepted: string): { bytes: Buffer; encoding?: 'br' | 'gzip' } {
  const understands = (encoding: string) =>
    new RegExp(`\\b${encoding}\\b(?!\\s*;\\s*q=0(\\.0*)?(,|\\s|$))`).test(accepted);
  if (asset.br && understands('br')) return { bytes: asset.br, encoding: 'br' };
  if (asset.gzip && understands('gzip')) return { bytes: asset.gzip, encoding: 'gzip' };
  return { bytes: asset.plain };
}
