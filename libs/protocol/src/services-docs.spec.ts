import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TSchema } from 'typebox';
import { COMMANDS, EVENTS, SERVICE_COMMANDS } from './index.js';

const page = readFileSync(join(__dirname, '../../../docs/services.md'), 'utf8');

/** Cells of the table that begins with a column of this name. */
function table(column: string): string[][] {
  const start = page.indexOf(`| ${column} |`);
  const lines = page.slice(start, page.indexOf('\n\n', start)).split('\n').slice(2);
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** As the page writes them: `` `name` ``, with a question mark where it may be absent. */
function fieldsOf(schema: TSchema): string[] {
  const { properties = {}, required = [] } = schema as unknown as { properties?: object; required?: string[] };
  return Object.keys(properties).map((name) => `\`${name}\`${required.includes(name) ? '' : '?'}`);
}

const fieldsIn = (cell = ''): string[] => (cell.split(':')[0] ?? '').match(/`\w+`\??/g) ?? [];

describe('docs/services.md', () => {
  it('lists exactly the events of the code, with their scope, whether they are stored and their data', () => {
    const listed = table('event').map(([name, scope, stored, data]) => [name, scope, stored, ...fieldsIn(data)]);
    const expected = Object.entries(EVENTS).map(([name, { scope, stored, data }]) => {
      // A message has no id of its own; none of an event is historic.
      const implied = name === 'room_message' ? ['`historic`?'] : ['`id`', '`timestamp`'];
      const fields = fieldsOf(data).filter((field) => !implied.includes(field));
      return [`\`${name}\``, scope, stored ? 'yes' : '–', ...fields];
    });
    expect(listed).toEqual(expected);
  });

  it('lists exactly the commands of the code, with permission, data and response', () => {
    const [[clients = ''] = [], ...own] = table('command');
    const isOfClients = (name: string) =>
      Object.hasOwn(COMMANDS, name) && SERVICE_COMMANDS[name as 'create_room'] === COMMANDS[name as 'create_room'];
    const names = Object.keys(SERVICE_COMMANDS);
    expect(clients.replaceAll('`', '').split(', ').sort()).toEqual(names.filter(isOfClients).sort());
    expect(own.map(([name]) => name).sort()).toEqual(
      names
        .filter((name) => !isOfClients(name))
        .map((name) => `\`${name}\``)
        .sort(),
    );
    for (const [name = '', permission, data, response] of own) {
      const spec = SERVICE_COMMANDS[name.replaceAll('`', '') as 'stats'];
      expect([name, permission, fieldsIn(data), fieldsIn(response)]).toEqual([
        ...[name, `\`${spec.permission}\``, fieldsOf(spec.data), fieldsOf(spec.replyData)],
      ]);
    }
  });
});
