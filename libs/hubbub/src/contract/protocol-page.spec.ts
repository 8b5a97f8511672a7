import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLOSE, COMMANDS, ERRORS, PUSHES } from '@hubbub/protocol';
import { catalogueOf } from '@hubbub/protocol/contract';
import { fillProtocolPage } from './protocol-page.js';

const page = readFileSync(join(__dirname, '../../../../docs/protocol.md'), 'utf8');
const catalogue = catalogueOf();

/** First cells of the table between two markers. */
function names(table: string): string[] {
  const [, text = ''] = new RegExp(`<!-- generated: ${table} -->\n([^]*?)\n<!-- end -->`).exec(page) ?? [];
  return text
    .split('\n')
    .slice(2)
    .map((line) => line.split(' | ')[0]?.replaceAll(/[`| ]/g, '') ?? '');
}

describe('docs/protocol.md', () => {
  it('has the tables of the code as they are: `npm run docs` writes them', () => {
    expect(fillProtocolPage(page, catalogue)).toBe(page);
  });

  it('lists every command, push, error and close of the code', () => {
    expect(names('commands')).toEqual(Object.keys(COMMANDS));
    expect(names('pushes')).toEqual(Object.keys(PUSHES));
    expect(names('errors')).toEqual(Object.values(ERRORS).map(({ code }) => String(code)));
    expect(names('closes')).toEqual(Object.values(CLOSE).map(({ code }) => String(code)));
  });

  it('has no table that nobody makes, and none is without a place', () => {
    expect(() => fillProtocolPage(`${page}\n<!-- generated: nonsense -->\n\n<!-- end -->`, catalogue)).toThrow(
      'nonsense',
    );
    expect(() => fillProtocolPage(page.replace('<!-- generated: closes -->', ''), catalogue)).toThrow('closes');
  });
});
