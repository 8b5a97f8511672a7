import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, HubbubConfig, loadConfig } from '@hubbub/config';

const GOOD_SECRET = 'qT7vK2mX9pL4wR8zB3nF6hJ1cD5gS0yA';

describe('loadConfig', () => {
  let cwd: string;

  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'hubbub-config-'));
    await mkdir(join(cwd, 'config'));
  });
  afterEach(() => rm(cwd, { recursive: true }));

  async function load(yaml?: string, env: Record<string, string> = {}): Promise<HubbubConfig> {
    if (yaml !== undefined) await writeFile(join(cwd, 'config/hubbub.yaml'), yaml);
    return loadConfig({ env, cwd });
  }

  /** The faults as lines `key: message`. */
  async function faults(yaml?: string, env: Record<string, string> = {}): Promise<string[]> {
    const error: unknown = await load(yaml, env).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).faults.map(({ key, message }) => `${key}: ${message}`);
  }

  it('has a default for everything, so that no file is needed', async () => {
    const config = await load();
    expect(config.server).toEqual({
      host: '0.0.0.0',
      port: 8080,
      wsPath: '/ws',
      trustProxy: false,
      allowedOrigins: [],
      maxConnections: 100_000,
      maxConnectionsPerIp: 1000,
      workers: 1,
    });
    expect(config.auth.anonymous).toEqual({ enabled: false, permissions: ['read:message', 'join:room', 'leave:room'] });
    expect(config.auth.secret).toBeUndefined();
    expect([config.dataDir, config.history.recoverMax, config.limits.maxMessageBytes]).toEqual(['data', 1000, 65_536]);
    expect(config.warnings).toEqual([]);
  });

  it('keeps the rest where the file names a part', async () => {
    const config = await load('limits:\n  flush_ms: 0\nauth:\n  anonymous:\n    enabled: true\n');
    expect(config.limits.flushMs).toBe(0);
    expect(config.limits.commandsPerS).toBe(50);
    expect(config.auth.anonymous).toEqual({ enabled: true, permissions: ['read:message', 'join:room', 'leave:room'] });
  });

  it.each(['', '# nothing\n', 'auth:\n', 'database:\n  url:\nserver: ~\n'])(
    'takes %j, empty places, for the defaults',
    async (yaml) => {
      const config = await load(yaml);
      expect(config.server.port).toBe(8080);
      expect(config.database).toMatchObject({ type: 'sqlite' });
      expect(config.database.url).toBeUndefined();
    },
  );

  it('lets the environment go before the file, key by key', async () => {
    const config = await load('server:\n  port: 9000\n  host: localhost\n', {
      HUBBUB_SERVER_PORT: '9001',
      HUBBUB_SERVER_ALLOWED_ORIGINS: 'https://a.example, https://b.example,',
      HUBBUB_SERVER_TRUST_PROXY: 'true',
      HUBBUB_AUTH_ROLES: '{"staff":["admin:room"]}',
      HUBBUB_DATA_DIR: ' elsewhere ',
    });
    expect(config.server).toMatchObject({
      port: 9001,
      host: 'localhost',
      allowedOrigins: ['https://a.example', 'https://b.example'],
      trustProxy: true,
    });
    expect(config.auth.roles).toEqual({ staff: ['admin:room'] });
    expect(config.dataDir).toBe('elsewhere');
  });

  it('knows of each key who gave it its value, as it is after a reload too', async () => {
    const yaml = 'server:\n  port: 8080\nlimits:\n  flush_ms: 1\n';
    const config = await load(yaml, { HUBBUB_LIMITS_FLUSH_MS: '2', HUBBUB_LOG_LEVEL: 'warn' });
    const source = (name: string) => config.entries().find(({ key }) => key.name === name)?.source;
    const sources = () => ['server.port', 'limits.flush_ms', 'log.level', 'server.host'].map(source);
    expect(sources()).toEqual(['file', 'environment', 'environment', 'default']);
    expect(config.file).toBe(join(cwd, 'config/hubbub.yaml'));
    // The port goes on as it is until a restart, and the level is nobody's any more.
    config.apply(await load('server:\n  host: localhost\n  port: 9\nlog:\n  level: info\n'));
    expect(sources()).toEqual(['file', 'default', 'file', 'default']);
    const given = HubbubConfig.from({ limits: { flushMs: 3 } });
    expect([given.file, given.entries().find(({ key }) => key.name === 'limits.flush_ms')]).toMatchObject([
      null,
      { value: 3, source: 'code' },
    ]);
  });

  it('has no file where none is there and none was named', async () => {
    expect((await load()).file).toBeNull();
  });

  it('keeps the names of roles as they are written', async () => {
    const config = await load('auth:\n  roles:\n    head_of_support: [admin:room]\n');
    expect(config.auth.roles).toEqual({ head_of_support: ['admin:room'] });
  });

  it('takes an empty variable for unset', async () => {
    const config = await load('server:\n  port: 9000\n', { HUBBUB_SERVER_PORT: '', HUBBUB_AUTH_SECRET: '  ' });
    expect(config.server.port).toBe(9000);
    expect(config.auth.secret).toBeUndefined();
  });

  it('warns of an unknown variable, by name alone, and starts', async () => {
    const config = await load(undefined, { HUBBUB_SERVER_PROT: '1', HUBBUBX: '1', PATH: '/bin' });
    expect(config.warnings).toEqual(['HUBBUB_SERVER_PROT sets no known configuration key']);
  });

  it('names every fault of file and environment at once, with what was expected and where it stands', async () => {
    const yaml = `
server:
  port: eighty
  wspath: /ws
limits: 5
log:
  level: loud
auth:
  secret: short
  admins: alice
  roles: { staff: admin }
typo: { deep: 1 }
`;
    const env = {
      HUBBUB_HEARTBEAT_INTERVAL_MS: 'often',
      HUBBUB_PRESENCE_LIST_MAX: '-1',
      HUBBUB_AUTH_LOCAL_ONLY: 'maybe',
    };
    expect(await faults(yaml, env)).toEqual([
      'server.wspath: unknown key',
      'limits: expected a group of keys',
      'typo: unknown key',
      'auth.local_only: expected true or false',
      'heartbeat.interval_ms: expected an integer from 100 to 2147483647 (ms)',
      'server.port: expected an integer from 0 to 65535',
      'auth.roles: expected lists of texts by name',
      'auth.admins: expected a list of texts',
      'presence.list_max: expected an integer from 0 to 1000000',
      'log.level: expected one of fatal, error, warn, info, debug, trace',
      'auth.secret: must have at least 32 bytes',
    ]);
    await expect(load(yaml, env)).rejects.toThrow(/presence\.list_max: .*\(HUBBUB_PRESENCE_LIST_MAX\)/);
    await expect(load(yaml, env)).rejects.toThrow(/server\.port: .*\(config\/hubbub\.yaml\)/);
  });

  it('never shows a value, which may be a secret in the wrong place', async () => {
    const hush = 'hush-hush-hush';
    const yamls = [
      `server:\n  port: ${hush}\nlog:\n  level: ${hush}\nauth:\n  secret: ${hush}\n  public_key: ${hush}\n  admins: ${hush}\n`,
      `auth: ${hush}\n`,
      `- ${hush}\n`,
      `auth:\n  secret: "${hush}\n`,
      `auth:\n  secret: ${hush}: ${hush}\n`,
      `auth:\n secret: !!${hush} x\n\tbad`,
      `a: *${hush}\n`,
    ];
    for (const yaml of yamls) {
      const error: unknown = await load(yaml).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ConfigError);
      expect(`${(error as Error).stack} ${JSON.stringify((error as ConfigError).faults)}`).not.toContain(hush);
    }
  });

  it('says where a file is not YAML', async () => {
    expect(await faults('server:\n  port: 1\n  port: 2\n')).toEqual([
      'config/hubbub.yaml: is not YAML at line 3, column 3: DUPLICATE_KEY',
    ]);
  });

  it('insists on a file that was named, and on one that can be read', async () => {
    expect(() => loadConfig({ env: {}, cwd, file: 'absent.yaml' })).toThrow(/absent\.yaml: cannot be read: ENOENT/);
    expect(() => loadConfig({ env: {}, cwd, file: 'config' })).toThrow(/cannot be read: EISDIR/);
  });

  it('is not fooled by the keys that every object has', async () => {
    expect(await faults('__proto__:\n  polluted: true\nserver:\n  constructor: 1\n  toString: 1\n')).toEqual([
      '__proto__: unknown key',
      'server.constructor: unknown key',
      'server.toString: unknown key',
    ]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('cannot be changed by who reads it', async () => {
    const config = await load();
    const origins = config.server.allowedOrigins as string[];
    expect(() => origins.push('https://evil.example')).toThrow(/not extensible/);
    expect(() => Object.assign(config.limits, { flushMs: 1 })).toThrow(/read only/);
  });

  describe('keys that go together', () => {
    it('needs a URL for a database or bus that is elsewhere, and a secret that all nodes share', async () => {
      expect(await faults('database: { type: postgres }\nbus: { type: nats }\n')).toEqual([
        'database.url: required because database.type is not sqlite',
        'bus.url: required because bus.type is not memory',
        'auth.secret: required because bus.type is not memory',
      ]);
      const config = await load(`bus: { type: nats, url: "nats://localhost" }\nauth: { secret: ${GOOD_SECRET} }\n`);
      expect(config.bus.type).toBe('nats');
    });

    it('needs a URL that belongs to the kind of database', async () => {
      const wrong = (type: string) => `database.url: expected what belongs to database.type ${type}`;
      expect(await faults('database: { type: mysql, url: "postgres://localhost/chat" }\n')).toEqual([wrong('mysql')]);
      expect(await faults('database: { url: "postgres://localhost/chat" }\n')).toEqual([wrong('sqlite')]);
      for (const url of ['postgres://localhost/chat', 'postgresql://localhost/chat']) {
        expect((await load(`database: { type: postgres, url: "${url}" }\n`)).database.url).toBe(url);
      }
    });

    it('needs a URL that belongs to the kind of bus', async () => {
      const secret = `auth: { secret: ${GOOD_SECRET} }`;
      const wrong = (type: string) => [`bus.url: expected what belongs to bus.type ${type}`];
      expect(await faults(`${secret}\nbus: { type: nats, url: "redis://localhost" }\n`)).toEqual(wrong('nats'));
      expect(await faults(`${secret}\nbus: { type: redis, url: "nats://localhost" }\n`)).toEqual(wrong('redis'));
      for (const url of ['nats://a:4222,b:4222', 'tls://token@a']) {
        expect((await load(`${secret}\nbus: { type: nats, url: "${url}" }\n`)).bus.url).toBe(url);
      }
    });

    it('needs a URL of Redis for a cache in Redis', async () => {
      expect(await faults('cache: { type: redis }\n')).toEqual([
        'cache.url: required because cache.type is not memory',
      ]);
      const wrong = 'cache.url: expected what belongs to cache.type redis';
      expect(await faults('cache: { type: redis, url: "nats://localhost" }\n')).toEqual([wrong]);
      expect((await load('cache: { type: redis, url: "rediss://localhost/1" }\n')).cache.ttlS).toBe(60);
    });

    it('has JetStream on NATS only', async () => {
      expect(await faults('bus: { jetstream: true }\n')).toEqual(['bus.jetstream: needs bus.type nats']);
    });

    it('closes registration where accounts are kept elsewhere, unless it is asked for', async () => {
      const elsewhere = 'auth: { jwks_url: "https://id.example/keys" }\n';
      expect((await load()).auth.registration).toBe(true);
      expect((await load(elsewhere)).auth.registration).toBe(false);
      expect((await load(elsewhere, { HUBBUB_AUTH_REGISTRATION: 'true' })).auth.registration).toBe(true);
    });

    it('takes a public key as PEM text, with line ends as \\n in a variable, and no private one', async () => {
      const { publicKey, privateKey } = generateKeyPairSync('ed25519');
      const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
      const config = await load(undefined, { HUBBUB_AUTH_PUBLIC_KEY: pem.replaceAll('\n', '\\n') });
      expect(config.auth.publicKey).toBe(pem);
      const secretPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      expect(await faults(undefined, { HUBBUB_AUTH_PUBLIC_KEY: secretPem })).toEqual([
        'auth.public_key: expected a public key as PEM text',
      ]);
    });
  });
});
