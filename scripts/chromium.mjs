/**
 * Finding the Chromium that browser tests drive. `node scripts/chromium.mjs` prints where it is, and as root on Debian installs
 * it where there is none.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installPackages } from './debian.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/** @returns its path: what `CHROMIUM` names, or one of this machine; undefined if there is none */
export function findChromium(env = process.env) {
  if (env.CHROMIUM) return env.CHROMIUM;
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...MAC].find(isProgram);
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (findChromium() === undefined) await installPackages('chromium');
  console.log(findChromium() ?? 'no Chromium: install it, or name one by CHROMIUM');
  process.exitCode = findChromium() === undefined ? 1 : 0;
}
