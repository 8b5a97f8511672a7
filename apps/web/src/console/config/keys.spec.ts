import { type ConfigKey, filterKeys, type Only } from './keys.js';

const key = (name: string, more: Partial<ConfigKey>): ConfigKey => ({
  ...{ key: name, value: 1, default: 1, source: 'default', reloadable: false, description: '' },
  environment: `HUBBUB_${name.toUpperCase().replace('.', '_')}`,
  ...more,
});
const KEYS = [
  key('server.port', { description: 'Where it listens.', value: 8080, source: 'environment' }),
  key('log.level', { description: 'How much is said.', value: 'info', reloadable: true }),
  key('auth.admins', { description: 'Who sees the console.', value: ['ann'], source: 'file', reloadable: true }),
];
const found = (search: string, only: Only = 'all') => filterKeys(KEYS, search, only).map(({ key }) => key);

describe('the search in the configuration', () => {
  it('finds keys by all words, wherever each of them is', () => {
    expect(found('')).toHaveLength(3);
    expect(found('Listens server')).toEqual(['server.port']);
    expect(found('hubbub_log_level')).toEqual(['log.level']);
    expect(found('ann')).toEqual(['auth.admins']);
    expect(found('server admins')).toEqual([]);
  });

  it('shows only what was changed, or what can be without a restart', () => {
    expect(found('', 'changed')).toEqual(['server.port', 'auth.admins']);
    expect(found('', 'reloadable')).toEqual(['log.level', 'auth.admins']);
  });
});
