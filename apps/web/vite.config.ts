import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { compressed } from './compressed.js';

const root = import.meta.dirname;
const repository = fileURLToPath(new URL('../..', import.meta.url));
const { paths } = (
  JSON.parse(readFileSync(`${repository}/tsconfig.json`, 'utf8')) as {
    compilerOptions: { paths: Record<string, [string]> };
  }
).compilerOptions;

const PREACT = String.raw`[\\/]node_modules[\\/]@?preact[\\/]`;
const OWN = String.raw`[\\/]apps[\\/]web[\\/]src[\\/]shared[\\/](?!.*\.zh\.ts)`;
const ERROR = String.raw`[\\/]libs[\\/]client[\\/]src[\\/]command-error\.ts$`;
/** What both pages load at once: one file is smaller than its parts. */
const SHARED = { name: 'shared', test: new RegExp([PREACT, OWN, ERROR].join('|')) };

/** The chat page and the console, into `dist/apps/web`, which the gateway serves below whatever path it likes: all addresses are relative. */
export default defineConfig({
  root,
  base: './',
  resolve: {
    alias: Object.entries(paths).map(([name, [file]]) => ({
      find: new RegExp(`^${name}$`),
      replacement: `${repository}/${file}`,
    })),
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [compressed()],
  // `npx vite apps/web` beside a gateway on its usual port: what is edited is seen at once.
  server: { proxy: { '/api': 'http://localhost:8080', '/ws': { target: 'ws://localhost:8080', ws: true } } },
  worker: { format: 'es' },
  build: {
    // Given by `scripts/pages.mjs`.
    outDir: `${repository}/dist/apps/web`,
    // A page that is open may still ask for a file of the build before; `scripts/build.mjs` removes what is old.
    emptyOutDir: false,
    target: 'es2022',
    // Everything as a file of its own: the policy of the page allows no `data:` scripts or styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: [`${root}/index.html`, `${root}/console.html`],
      // Of the protocol the pages need a few functions, and the console of the client one: the schemas, what makes them, and a
      // client that nobody starts stay out.
      treeshake: {
        moduleSideEffects: (id) => !/[\\/](libs[\\/](protocol|client)|node_modules[\\/]typebox)[\\/]/.test(id),
      },
      output: { codeSplitting: { groups: [...['chat', 'console', 'shared'].map(chineseOf), SHARED] } },
    },
  },
});

/** One file of Chinese texts for each page. @param folder of `src` */
function chineseOf(folder: string) {
  return { name: `${folder}-zh`, test: new RegExp(String.raw`[\\/]src[\\/]${folder}[\\/].*texts\.zh\.ts$`) };
}
