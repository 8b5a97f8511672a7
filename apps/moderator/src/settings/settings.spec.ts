import { readSettings, SettingsError, USAGE, VARIABLES } from './settings.js';

describe('readSettings', () => {
  it('has a default for everything', () => {
    const settings = readSettings({ PATH: '/bin', MODERATOR_REPEATS: ' ' });
    expect(Object.keys(settings)).toEqual(Object.keys(VARIABLES));
    expect(settings).toMatchObject({
      MODERATOR_TOKEN: '',
      MODERATOR_WORDS: [],
      MODERATOR_REPEATS: 5,
      MODERATOR_EXEMPT: ['service:*'],
      MODERATOR_EXEMPT_MODERATORS: true,
    });
  });

  it('reads what is set', () => {
    const settings = readSettings({
      MODERATOR_WORDS: 'darn, heck no,,',
      MODERATOR_REPEATS: '0',
      MODERATOR_REPEATS_LIKENESS: '1',
      MODERATOR_EXEMPT_MODERATORS: 'FALSE',
      MODERATOR_LOG_LEVEL: 'debug',
    });
    expect(settings).toMatchObject({
      MODERATOR_WORDS: ['darn', 'heck no'],
      MODERATOR_REPEATS: 0,
      MODERATOR_REPEATS_LIKENESS: 1,
      MODERATOR_EXEMPT_MODERATORS: false,
      MODERATOR_LOG_LEVEL: 'debug',
    });
  });

  it('names every fault at once, and no value', () => {
    const env = {
      MODERATOR_REPEATS: '-1',
      MODERATOR_REPEATS_LIKENESS: '1.5',
      MODERATOR_PORT: '70000',
      MODERATOR_EXEMPT_MODERATORS: 'perhaps',
      MODERATOR_LOG_LEVEL: 'loud',
      MODERATOR_TOKENS: 'secret',
    };
    const read = () => readSettings(env);
    expect(read).toThrow(SettingsError);
    for (const name of Object.keys(env)) expect(read).toThrow(name);
    for (const value of ['70000', 'perhaps', 'loud', 'secret']) expect(read).not.toThrow(value);
  });

  it('is explained', () => {
    for (const name of Object.keys(VARIABLES)) expect(USAGE).toContain(`\n  ${name} `);
    expect(Math.max(...USAGE.split('\n').map((line) => line.length))).toBeLessThanOrEqual(140);
  });
});
