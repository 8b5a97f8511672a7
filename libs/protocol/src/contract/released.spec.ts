import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Contract, catalogueOf, compareContracts, contractOf, mayBreak } from './index.js';

const read = (file: string): unknown => JSON.parse(readFileSync(join(__dirname, '../../../..', file), 'utf8'));

describe('the contract of the last release', () => {
  it('is kept, unless the version says otherwise', () => {
    const released = read('libs/protocol/contract.json') as { version: string; contract: Contract };
    const { version } = read('package.json') as { version: string };
    const findings = compareContracts(released.contract, contractOf(catalogueOf()));
    expect(mayBreak(released.version, version) ? [] : findings).toEqual([]);
  });
});
