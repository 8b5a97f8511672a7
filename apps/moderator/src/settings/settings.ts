import type { Rules } from '../escalation.js';
import { choice, integer, list, share, text, token, truth, type Variable } from './variable.js';

/** All that can be set. A user id in which `*` stands for any characters is a pattern. */
export const VARIABLES = {
  HUBBUB_BUS_URL: text('nats://127.0.0.1:4222', 'NATS with JetStream, that of the gateways'),
  MODERATOR_TOKEN: token('a token with admin:system; not needed where the gateways have services.trust_nats'),
  MODERATOR_WORDS: list('', 'words and phrases that are not wanted'),
  MODERATOR_WORDS_FILE: text('', 'a file of more of them, one a line, # for comments; read again when it changes'),
  MODERATOR_REPEATS: integer(5, 'so many like messages of one user in a room are too many; 0 for no limit'),
  MODERATOR_REPEATS_WINDOW_S: integer(30, 'within so many seconds'),
  MODERATOR_REPEATS_LIKENESS: share(0.8, 'how like messages are that count as one'),
  MODERATOR_KICK_AT: integer(3, 'the offence that a user is kicked for, and those after it; 0 for none'),
  MODERATOR_BAN_AT: integer(5, 'the offence that he is banned from the room for, and those after it; 0 for none'),
  MODERATOR_OFFENCES_WINDOW_S: integer(86_400, 'offences in all rooms within so many seconds count'),
  MODERATOR_EXEMPT: list('service:*', 'users who are not judged'),
  MODERATOR_EXEMPT_MODERATORS: truth(true, 'whether who may kick others from a room is not judged there'),
  MODERATOR_DATA_DIR: text('data/moderator', 'where it keeps what it has decided, and what is still to be done'),
  MODERATOR_HOST: text('0.0.0.0', 'where /health is'),
  MODERATOR_PORT: integer(8090, 'and on which port; 0 for any', 65_535),
  MODERATOR_LOG_LEVEL: choice(['error', 'warn', 'info', 'debug'], 'info', 'error, warn, info or debug'),
};

type Name = keyof typeof VARIABLES;
export type Settings = { readonly [N in Name]: (typeof VARIABLES)[N] extends Variable<infer T> ? T : never };

/** For whom they are injected into. */
export const SETTINGS = Symbol('moderator settings');

const NAMES = Object.keys(VARIABLES) as Name[];
const WIDTH = Math.max(...NAMES.map((name) => name.length));

export const USAGE = `npm run moderator [-- --help]

Reads the messages of all rooms, redacts those with unwanted words or repeated too often, kicks and bans who goes on, and tells
of each decision on moderator.evt.room.<room>.decision. The gateways need bus.type nats and bus.jetstream. Set by variables:

${NAMES.map((name) => `  ${name.padEnd(WIDTH)}  ${VARIABLES[name].help}${defaultOf(name)}`).join('\n')}`;

/** What the person who starts it has to correct. */
export class SettingsError extends Error {}

/** @param env as `process.env`; a variable that is empty counts as unset. @throws SettingsError naming all faults, and no value */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const unknown = Object.keys(env).filter((name) => name.startsWith('MODERATOR_') && !(name in VARIABLES));
  const faults = unknown.map((name) => `${name} sets nothing`);
  const values = NAMES.map((name) => {
    const { fallback, expected, parse }: Variable<unknown> = VARIABLES[name];
    const value = parse(env[name]?.trim() || fallback);
    if (value === undefined) faults.push(`${name}: expected ${expected}`);
    return [name, value];
  });
  if (faults.length > 0) throw new SettingsError(faults.join('\n  '));
  return Object.fromEntries(values) as Settings;
}

export function rulesOf(settings: Settings): Rules {
  return {
    repeatsWindowMs: settings.MODERATOR_REPEATS_WINDOW_S * 1000,
    repeatsLikeness: settings.MODERATOR_REPEATS_LIKENESS,
    kickAt: settings.MODERATOR_KICK_AT,
    banAt: settings.MODERATOR_BAN_AT,
    offencesWindowMs: settings.MODERATOR_OFFENCES_WINDOW_S * 1000,
  };
}

function defaultOf(name: Name): string {
  const { fallback } = VARIABLES[name];
  return fallback === '' ? '' : ` (${fallback})`;
}
