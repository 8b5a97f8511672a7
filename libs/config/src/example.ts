import { CONFIG_KEYS, type ConfigKey } from './config-key.js';

const HEAD = `# Every key of Hubbub's configuration with its default. Copy what you change to config/hubbub.yaml: a partial file keeps
# the rest. Each key can be set by the environment too, which goes first: HUBBUB_ and the path in capitals, as
# HUBBUB_SERVER_WS_PATH for server.ws_path; lists are comma-separated, an empty variable is unset.
#
# A change of the file, or SIGHUP, takes effect at once, all of it or (where something is wrong) nothing.
# Keys marked [restart] wait for the next start.
`;

/**
 * The text of the example configuration: every key, its default, unit and explanation. A spec keeps
 * `config/hubbub.example.yaml` equal to it.
 */
export function exampleYaml(): string {
  const lines: string[] = [HEAD];
  let open: readonly string[] = [];
  for (const key of CONFIG_KEYS) {
    const groups = key.path.slice(0, -1);
    for (const [depth, group] of groups.entries()) {
      if (open[depth] === group) continue;
      if (depth === 0) lines.push('');
      lines.push(`${'  '.repeat(depth)}${group}:`);
      open = groups.slice(0, depth + 1);
    }
    if (groups.length === 0) lines.push('');
    open = groups;
    const indent = '  '.repeat(groups.length);
    lines.push(`${indent}# ${comment(key)}`, `${indent}${assignment(key)}`);
  }
  return `${lines.join('\n').replace(/\n{3,}/g, '\n\n')}\n`;
}

function comment(key: ConfigKey): string {
  const choice = key.expected.startsWith('one of ') ? ` ${capital(key.expected)}.` : '';
  const unit = key.unit === undefined ? '' : ` In ${key.unit}.`;
  const fallback = key.defaultNote === undefined ? '' : ` Default: ${key.defaultNote}.`;
  return `${key.description}${choice}${unit}${fallback}${key.reload ? '' : ' [restart]'}`;
}

/** A key without a fixed default is written without a value, which leaves it unset. */
function assignment(key: ConfigKey): string {
  const name = key.path.at(-1) ?? '';
  return key.default === undefined || key.defaultNote !== undefined ? `${name}:` : `${name}: ${flow(key.default)}`;
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'string') return /^[A-Za-z/][A-Za-z0-9/_.-]*$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
