import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLOSE, COMMANDS, ERRORS, PUSHES } from './index.js';

// The page and the tables are edited by hand in two places; this is what keeps them from drifting apart.
const page = readFileSync(join(__dirname, '../../../docs/protocol.md'), 'utf8');

function section(title: string): string {
  const start = page.indexOf(`## ${title}`);
  if (start < 0) throw new Error(`docs/protocol.md has no section ${title}`);
  const end = page.indexOf('\n## ', start + 1);
  return page.slice(start, end < 0 ? undefined : end);
}

const rows = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('`', '')))
    .map((cells) => cells.slice(1, -1));

describe('docs/protocol.md', () => {
  it('lists exactly the errors of the code, with code and retryable', () => {
    const listed = rows(section('8. Errors')).filter(
      ([code, name]) => /^[1-4]\d{3}$/.test(code ?? '') && /^[A-Z]\w+$/.test(name ?? ''),
    );
    const expected = Object.entries(ERRORS).map(([name, row]) => [
      String(row.code),
      name,
      row.retryable ? 'yes' : 'no',
    ]);
    expect(listed.map((cells) => cells.slice(0, 3)).sort()).toEqual(expected.sort());
  });

  it('lists exactly the close codes of the code', () => {
    const text = section('8. Errors');
    const listed = rows(text.slice(text.indexOf('Close codes'))).flatMap(
      ([codes]) => (codes ?? '').match(/\d{4}/g) ?? [],
    );
    expect(listed.sort()).toEqual(
      Object.values(CLOSE)
        .map((row) => String(row.code))
        .sort(),
    );
  });

  it('lists exactly the commands of the code, with permission and reply', () => {
    const listed = rows(section('3. Commands'))
      .filter(([name]) => name !== 'command')
      .map(([name, , permission, reply]) => [name, permission, reply]);
    expect(listed.map(([name]) => name).sort()).toEqual(Object.keys(COMMANDS).sort());
    for (const [name, permission, reply] of listed) {
      const spec = COMMANDS[name as keyof typeof COMMANDS];
      expect([name, reply]).toEqual([name, spec.reply ?? '–']);
      if (spec.permission !== null) expect(permission).toContain(spec.permission);
    }
  });

  it('names every field of every command', () => {
    for (const [name, data] of rows(section('3. Commands'))) {
      if (name === 'command' || name === undefined || !Object.hasOwn(COMMANDS, name)) continue;
      for (const field of Object.keys(COMMANDS[name as keyof typeof COMMANDS].data.properties)) {
        if (data?.includes('same') || data?.includes('any of')) continue;
        expect(`${name}: ${data}`).toContain(field);
      }
    }
  });

  it('lists exactly the pushes of the code', () => {
    const listed = rows(section('4. Pushes'))
      .filter(([name]) => name !== 'push')
      .flatMap(([name]) => (name ?? '').split(', '));
    expect(listed.sort()).toEqual(Object.keys(PUSHES).sort());
  });
});
