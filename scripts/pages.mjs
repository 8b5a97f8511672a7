/** The chat page and the console, as Vite builds them. */
import { runNode } from './run-process.mjs';

/** @returns true if it worked; what did not is printed */
export async function buildPages(target) {
  const vite = ['node_modules/vite/bin/vite.js', 'build', 'apps/web', '--config', 'apps/web/vite.config.ts'];
  const { code } = await runNode([...vite, '--outDir', target, '--logLevel', 'warn']);
  return code === 0;
}
