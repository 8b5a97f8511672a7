import { CONFIG_KEYS } from '@hubbub/config';
import { CLOSE, ERRORS, shouldReconnect } from '@hubbub/protocol';
import {
  type Catalogue,
  type CommandEntry,
  fieldsOf,
  type JsonSchema,
  kindOf,
  nameOf,
  type PushEntry,
  valuesOf,
} from '@hubbub/protocol/contract';

/** The tables of docs/protocol.md, by the name in their marker. */
const TABLES: Readonly<Record<string, (catalogue: Catalogue) => string>> = {
  commands: ({ commands }) => table(['command', '`data`', 'perm', 'reply', 'reply `data`'], commands.map(commandRow)),
  pushes: ({ pushes, commands }) =>
    table(
      ['push', 'to', '`data`'],
      pushes.map((push) => pushRow(push, commands)),
    ),
  permissions: ({ permissions }) =>
    table(
      ['permission', 'lets do'],
      permissions.map(({ name, lets }) => [code(name), lets]),
    ),
  errors: ({ errors }) =>
    table(
      ['code', 'name', 'retryable', 'when'],
      errors.map(({ name, when }) => [String(ERRORS[name].code), name, yes(ERRORS[name].retryable), when]),
    ),
  closes: ({ closes }) =>
    table(
      ['code', 'reconnect', 'meaning'],
      closes.map(({ name, when }) => [String(CLOSE[name].code), yes(shouldReconnect(CLOSE[name].code)), when]),
    ),
  limits: () =>
    table(
      ['key', 'default', 'what it limits'],
      CONFIG_KEYS.filter(({ path }) => path[0] === 'limits').map((key) => [
        code(key.name),
        key.defaultNote ?? `${String(key.default)}${key.unit === undefined ? '' : ` ${key.unit}`}`,
        key.description,
      ]),
    ),
};

const MARKED = /(<!-- generated: (\w+) -->\n)[^]*?(\n<!-- end -->)/g;

/**
 * The page with its tables as the code has them; what stands outside of the markers stays.
 * @throws Error for a marker that names no table, and for a table without a marker
 */
export function fillProtocolPage(page: string, catalogue: Catalogue): string {
  const left = new Set(Object.keys(TABLES));
  const filled = page.replaceAll(MARKED, (_, head: string, name: string, end: string) => {
    const make = Object.hasOwn(TABLES, name) ? TABLES[name] : undefined;
    if (make === undefined) throw new Error(`there is no table of ${name}`);
    left.delete(name);
    return `${head}${make(catalogue)}${end}`;
  });
  if (left.size > 0) throw new Error(`the page has no place for ${[...left].join(', ')}`);
  return filled;
}

function commandRow({ type, data, fields, permissions, needs, ...entry }: CommandEntry): string[] {
  const { replyType, replyData, replyFields, notes } = entry;
  const isEcho = fieldsOf(data).length > 1 && JSON.stringify(data) === JSON.stringify(replyData);
  // A session is told in full with the push `connected`.
  const answer = isEcho ? 'same fields' : nameOf(replyData) === 'Session' ? '' : list(replyData, replyFields);
  return [
    code(type),
    list(data, fields) || '–',
    [...permissions.map(code), ...(needs === undefined ? [] : [needs])].join('; ') || '–',
    replyType === null ? '–' : code(replyType),
    [answer, notes].filter(Boolean).join('. ').replace(/\.$/, ''),
  ];
}

function pushRow({ type, to = '', data, fields, notes }: PushEntry, commands: readonly CommandEntry[]): string[] {
  const reply = commands.find(({ replyType, replyData }) => replyType === type && replyData === data);
  const said = reply === undefined ? list(data, fields) : `as the reply to ${code(reply.type)}`;
  return [code(type), to, [said, notes].filter(Boolean).join('. ').replace(/\.$/, '')];
}

/** Fields as `name`, with a question mark where they may be absent, their kind where the name does not tell it, and a hint. */
function list(schema: JsonSchema, hints: Readonly<Record<string, string>> = {}): string {
  const fields = fieldsOf(schema).map(({ name, schema: field, required }) => {
    const kind = shortKind(field, name);
    const hint = hints[name] === undefined ? '' : ` (${hints[name]})`;
    return `${code(name)}${required ? '' : '?'}${kind === '' ? '' : ` ${kind}`}${hint}`;
  });
  return fields.join(', ');
}

/** Lengths of texts are left to the documents of a gateway, and so is what the name of a field says already. */
function shortKind(schema: JsonSchema, name: string): string {
  const values = valuesOf(schema);
  if (values !== undefined) return values.map((value) => code(String(value))).join('|');
  const kind = kindOf(schema);
  if (kind === name || kind.startsWith('string') || kind === 'integer') return '';
  if (kind.startsWith('{')) return code(kind);
  return kind.replace('boolean', 'bool').replace(/^integer (?=\d)/, '');
}

const code = (text: string) => `\`${text}\``;
const yes = (is: boolean) => (is ? 'yes' : 'no');

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('’', "'")).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
