/** Debian packages, where a step of the whole check needs a program that is not there. */
import { runProgram } from './run-process.mjs';

/** Installs them if this process may. @returns whether apt-get said that it did */
export async function installPackages(...names) {
  if (process.getuid?.() !== 0) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) =>
    runProgram('apt-get', args, { env, capture: true }).then(
      ({ code }) => code === 0,
      () => false,
    );
  console.log(`installing the Debian packages ${names.join(', ')} …`);
  await apt('update');
  return await apt('install', '-y', '--no-install-recommends', ...names);
}
