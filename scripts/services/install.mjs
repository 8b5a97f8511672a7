/** The last two ways to a server: the Debian package, and docker compose. */
import { runProgram } from '../run-process.mjs';
import { lookUpOrStart } from './find.mjs';

/** @returns as `lookUpOrStart`, with `reasons` for the ways that did not work */
export async function install(service, reasons) {
  const failures = [];
  for (const way of [fromDebian, fromCompose]) {
    const result = await way(service);
    if (result.url !== undefined) return result;
    failures.push(...result.reasons);
  }
  return { reasons: [...reasons, ...failures] };
}

async function fromDebian(service) {
  if (process.getuid?.() !== 0) return { reasons: ['Debian package: not root'] };
  if (!(await works('apt-get', ['--version']))) return { reasons: ['Debian package: no apt-get'] };
  console.log(`installing the Debian package ${service.debianPackage} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await runProgram('apt-get', ['update'], { env, capture: true });
  const args = ['install', '-y', '--no-install-recommends', service.debianPackage];
  const { code, output } = await runProgram('apt-get', args, { env, capture: true });
  if (code !== 0) return { reasons: [`Debian package: ${output.trim().split('\n').at(-1)}`] };
  const found = await lookUpOrStart(service);
  return found.url === undefined ? found : { ...found, how: `${found.how}, Debian package ${service.debianPackage}` };
}

async function fromCompose(service) {
  if (!(await works('docker', ['info']))) return { reasons: ['docker compose: no Docker engine'] };
  console.log(`starting ${service.name} with docker compose …`);
  const { code, output } = await runProgram(
    'docker',
    ['compose', '--profile', 'services', 'up', '-d', '--wait', service.name],
    {
      capture: true,
    },
  );
  if (code !== 0) return { reasons: [`docker compose: ${output.trim().split('\n').at(-1)}`] };
  const reason = await service.probe(service.standardUrl);
  return reason === null
    ? { url: service.standardUrl, how: 'docker compose' }
    : { reasons: [`docker compose: ${reason}`] };
}

async function works(program, args) {
  try {
    return (await runProgram(program, args, { capture: true })).code === 0;
  } catch {
    return false;
  }
}
