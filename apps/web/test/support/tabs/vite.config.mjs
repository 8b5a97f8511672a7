import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const repository = resolve(import.meta.dirname, '../../../../..');
const { paths } = JSON.parse(readFileSync(`${repository}/tsconfig.json`, 'utf8')).compilerOptions;

/** As an application would build it, from the sources. */
export default defineConfig({
  resolve: {
    alias: Object.entries(paths).map(([name, [file]]) => ({
      find: new RegExp(`^${name}$`),
      replacement: resolve(repository, file),
    })),
  },
  worker: { format: 'es' },
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
