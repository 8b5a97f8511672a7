import { createPublicKey } from 'node:crypto';
import { ConfigError, type ConfigFault } from './config-error.js';
import { CONFIG_KEYS } from './config-key.js';
import { weaknessOf } from './secret.js';
import { type CompleteSettings, type Settings, withDefaults } from './settings.js';

const REDIS_URL = /^rediss?:\/\//;

/**
 * Checks what was given, key by key and together, and fills in the defaults.
 * @param earlier faults that reading found
 * @param sourceOf the file or variable that gave a key
 * @throws ConfigError naming all faults at once, the earlier ones first
 */
export function resolveSettings(
  given: Settings,
  earlier: readonly ConfigFault[],
  sourceOf: (key: string) => string | undefined = () => undefined,
): CompleteSettings {
  const wrong = CONFIG_KEYS.filter((key) => given.has(key.name) && !key.accepts(given.get(key.name)));
  const faults: ConfigFault[] = wrong.map((key) => ({ key: key.name, message: `expected ${key.expected}` }));

  // What goes together is looked at even where single keys are wrong, so that one start names everything.
  const wrongNames = new Set(wrong.map((key) => key.name));
  const complete = withDefaults(new Map([...given].filter(([name]) => !wrongNames.has(name))));
  faults.push(...checkRules(complete).filter((fault) => !wrongNames.has(fault.key)));

  const located = faults.map((fault) => {
    const source = sourceOf(fault.key);
    return source === undefined ? fault : { ...fault, source };
  });
  if (earlier.length + located.length > 0) throw new ConfigError([...earlier, ...located]);
  return complete;
}

/** What no single key can tell: secrets that are no secrets, and keys that need one another. */
function checkRules(settings: CompleteSettings): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const text = (key: string): string | undefined => settings.get(key) as string | undefined;
  const require = (key: string, because: string): void => {
    if (text(key) === undefined) faults.push({ key, message: `required because ${because}` });
  };

  const secret = text('auth.secret');
  const weakness = secret === undefined ? undefined : weaknessOf(secret);
  if (weakness !== undefined) faults.push({ key: 'auth.secret', message: weakness });

  const publicKey = text('auth.public_key');
  if (publicKey !== undefined && !isPublicKey(publicKey)) {
    faults.push({ key: 'auth.public_key', message: 'expected a public key as PEM text' });
  }
  if (publicKey !== undefined && text('auth.jwks_url') !== undefined) {
    faults.push({ key: 'auth.jwks_url', message: 'cannot be combined with auth.public_key' });
  }

  const database = text('database.type');
  if (database !== 'sqlite') require('database.url', 'database.type is not sqlite');
  const databaseUrl = text('database.url');
  if (databaseUrl !== undefined && !urlOf(database).test(databaseUrl)) {
    faults.push({ key: 'database.url', message: `expected what belongs to database.type ${database}` });
  }
  const bus = text('bus.type');
  if (bus !== 'memory') {
    require('bus.url', 'bus.type is not memory');
    const busUrl = text('bus.url');
    if (busUrl !== undefined && !(bus === 'nats' ? /^(nats|tls):\/\// : REDIS_URL).test(busUrl)) {
      faults.push({ key: 'bus.url', message: `expected what belongs to bus.type ${bus}` });
    }
    // Without it every node would make its own, and refuse the tokens of the others.
    require('auth.secret', 'bus.type is not memory');
  }
  if (text('cache.type') === 'redis') {
    require('cache.url', 'cache.type is not memory');
    const cacheUrl = text('cache.url');
    if (cacheUrl !== undefined && !REDIS_URL.test(cacheUrl)) {
      faults.push({ key: 'cache.url', message: 'expected what belongs to cache.type redis' });
    }
  }
  if (settings.get('bus.jetstream') === true && bus !== 'nats') {
    faults.push({ key: 'bus.jetstream', message: 'needs bus.type nats' });
  }
  return faults;
}

function urlOf(database: string | undefined): RegExp {
  if (database === 'sqlite') return /^(?!\w+:\/\/)/;
  return database === 'postgres' ? /^postgres(ql)?:\/\// : /^(mysql|mariadb):\/\//;
}

function isPublicKey(pem: string): boolean {
  if (!pem.includes('PUBLIC KEY') && !pem.includes('CERTIFICATE')) return false;
  try {
    return createPublicKey(pem).type === 'public';
  } catch {
    return false;
  }
}
