import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT } from './run-process.mjs';

const folder = mkdtempSync(join(tmpdir(), 'hubbub-contract-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function run(task, file) {
  try {
    const args = ['scripts/contract.mjs', task, ...(file === undefined ? [] : ['--file', file])];
    return { code: 0, output: execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' }) };
  } catch (error) {
    return { code: error.status, output: `${error.stdout}${error.stderr}` };
  }
}

/** The contract of the last release as if it had had one command more. */
function older(version) {
  const released = JSON.parse(readFileSync(join(ROOT, 'libs/protocol/contract.json'), 'utf8'));
  released.contract.commands.shout = released.contract.commands.ping;
  const file = join(folder, 'contract.json');
  const text = JSON.stringify({ ...released, version: version ?? released.version });
  writeFileSync(file, text);
  return { file, text };
}

test('contract:check passes: the code breaks nothing of the last release', () => {
  const { code, output } = run('check');
  assert.equal(code, 0, output);
});

test('contract:check fails where something was removed, and names it', () => {
  const { code, output } = run('check', older().file);
  assert.equal(code, 1);
  assert.match(output, /^command shout: removed\n1 breaking change since .*may not bring$/m);
});

test('contract:release refuses that too, and writes nothing', () => {
  const { file, text } = older();
  assert.equal(run('release', file).code, 1);
  assert.equal(readFileSync(file, 'utf8'), text);
});

test('contract:release writes it where the version may break something', () => {
  const { file } = older('0.0.9');
  const { code, output } = run('release', file);
  assert.equal(code, 0, output);
  const { version, contract } = JSON.parse(readFileSync(file, 'utf8'));
  assert.equal(version, JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version);
  assert.ok(!('shout' in contract.commands));
  assert.equal(run('check', file).code, 0);
});
