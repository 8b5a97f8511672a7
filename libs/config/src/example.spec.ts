import { readFileSync } from 'node:fs';
import { CONFIG_KEYS, HubbubConfig, loadConfig } from '@hubbub/config';
import { parse } from 'yaml';
import { exampleYaml } from './example.js';

const FILE = 'config/hubbub.example.yaml';

describe('config/hubbub.example.yaml', () => {
  it('names every key of the schema, with its default and its explanation', () => {
    expect(readFileSync(FILE, 'utf8')).toBe(exampleYaml());
  });

  it('is a configuration that changes nothing', () => {
    const loaded = loadConfig({ file: FILE, env: {} });
    expect(loaded.apply(HubbubConfig.from())).toEqual({ applied: [], needRestart: [] });
  });

  it('has a value or an empty place for each key, and nothing else', () => {
    const paths = (node: unknown, path: readonly string[]): string[] => {
      const name = path.join('.');
      const isGroup = CONFIG_KEYS.some((key) => key.name.startsWith(`${name}.`)) || path.length === 0;
      if (!isGroup) return [name];
      return Object.entries(node as object).flatMap(([key, child]) => paths(child, [...path, key]));
    };
    expect(paths(parse(readFileSync(FILE, 'utf8')), [])).toEqual(CONFIG_KEYS.map((key) => key.name));
  });
});

describe('the schema', () => {
  it('explains every key in one line, and has a default that it accepts itself', () => {
    for (const key of CONFIG_KEYS) {
      expect(key.description).toMatch(/^[A-Z/].{8,99}\.$/);
      if (key.default !== undefined) expect([key.name, key.accepts(key.default)]).toEqual([key.name, true]);
    }
  });

  it('has a unit for every key whose name ends in one', () => {
    const units = { ms: 'ms', s: 's', bytes: 'bytes' } as Record<string, string>;
    for (const key of CONFIG_KEYS.filter((one) => one.kind === 'integer')) {
      const suffix = key.name.split('_').at(-1) ?? '';
      const rate = key.name.endsWith('_per_s');
      expect([key.name, key.unit]).toEqual([key.name, rate ? undefined : units[suffix]]);
    }
  });

  it('gives every key an environment variable of its own', () => {
    const variables = CONFIG_KEYS.map((key) => key.variable);
    expect(new Set(variables).size).toBe(variables.length);
    expect(variables).toContain('HUBBUB_SERVER_WS_PATH');
    expect(variables).toContain('HUBBUB_AUTH_ANONYMOUS_PERMISSIONS');
    expect(variables).toContain('HUBBUB_DATA_DIR');
  });
});
