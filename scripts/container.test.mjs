/** The Dockerfile and docker-compose.yml where no engine is at hand: that they parse, that what they name is there, and fits together. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { compose, configOf, environmentOf, milliseconds, read, readYaml } from './deployment.mjs';
import { ROOT } from './run-process.mjs';
import { SERVICES } from './services/find.mjs';

const dockerfile = read('Dockerfile').replaceAll(/\\\n/g, ' ').split('\n');
const last = (instruction) =>
  dockerfile.findLast((line) => line.startsWith(`${instruction} `))?.slice(instruction.length + 1);
const services = Object.entries(compose.services);
const started = services.filter(([, { profiles }]) => profiles === undefined);
const haproxy = read('deploy/haproxy/haproxy.cfg');
const gateway = configOf(environmentOf('gateway'));

test('the image runs what was built, as a user who is not root, and keeps its data in a volume', () => {
  const [program, ...args] = JSON.parse(last('CMD'));
  assert.equal(program, 'node');
  assert.ok(existsSync(`${ROOT}/${args.at(-1)}`), `${args.at(-1)} is built`);
  assert.equal(last('USER'), 'node');
  assert.ok(dockerfile.includes(`ENV HUBBUB_DATA_DIR=${last('VOLUME')}`));
  assert.equal(Number(last('EXPOSE')), gateway.server.port);
});

test('what the build leaves out is not needed by it, and no secret gets into it', () => {
  const ignored = read('.dockerignore').split('\n').filter(Boolean);
  const needed = [
    'apps',
    'libs',
    'scripts',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'nest-cli.json',
    '.swcrc',
  ];
  assert.deepEqual(
    needed.filter((name) => ignored.includes(name) || !existsSync(`${ROOT}/${name}`)),
    [],
  );
  for (const file of ['.dockerignore', '.gitignore']) assert.ok(read(file).split('\n').includes('.env'), file);
});

test('docker compose up starts two gateways that are one cluster behind a load balancer, and what watches them', () => {
  assert.deepEqual(
    started.map(([name]) => name),
    ['gateway', 'moderator', 'balancer', 'database', 'broker', 'cache', 'prometheus', 'grafana'],
  );
  assert.equal(compose.services.gateway.deploy.replicas, 2);
  assert.equal(gateway.server.trustProxy, true);
  assert.equal(gateway.bus.jetstream, true);
});

test('the gateways find their database, their broker and their cache', () => {
  const database = new URL(gateway.database.url);
  const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = environmentOf('database');
  assert.deepEqual(
    [database.hostname, database.username, database.password, database.pathname],
    ['database', POSTGRES_USER, POSTGRES_PASSWORD, `/${POSTGRES_DB}`],
  );
  assert.equal(new URL(gateway.bus.url).hostname, 'broker');
  assert.equal(new URL(gateway.cache.url).hostname, 'cache');
  assert.ok(compose.services.broker.command.includes('--jetstream'));
  assert.deepEqual(Object.keys(compose.services.gateway.depends_on), ['database', 'broker', 'cache']);
});

test('the moderator is of the same image, finds the broker of the gateways, and keeps its ledger', async () => {
  const { readSettings } = await import(pathToFileURL(`${ROOT}/dist/apps/moderator/src/settings/settings.js`));
  const settings = readSettings(environmentOf('moderator'));
  const { build, command, volumes, healthcheck } = compose.services.moderator;
  assert.equal(build, compose.services.gateway.build);
  assert.ok(existsSync(`${ROOT}/${command.at(-1)}`), `${command.at(-1)} is built`);
  assert.deepEqual(volumes, [`moderator:${settings.MODERATOR_DATA_DIR}`]);
  assert.equal(settings.HUBBUB_BUS_URL, gateway.bus.url);
  assert.ok(gateway.services.trustNats || settings.MODERATOR_TOKEN !== '');
  assert.ok(healthcheck.test.at(-1).includes(`:${settings.MODERATOR_PORT}/health/live`));
});

test('only gateways and the moderator reach the broker, which asks nobody who he is', () => {
  const near = services.filter(([, { networks = ['default'] }]) => networks.includes('bus')).map(([name]) => name);
  assert.deepEqual(near, ['gateway', 'moderator', 'broker']);
  assert.deepEqual(compose.services.broker.networks, ['bus']);
  assert.deepEqual(compose.networks.bus, { internal: true });
});

test('without .env a gateway says which secret it lacks', () => {
  assert.throws(() => configOf(environmentOf('gateway', {})), /auth\.secret: required/);
});

test('a stop is an orderly one', () => {
  const grace = milliseconds(compose.services.gateway.stop_grace_period);
  assert.ok(grace >= gateway.drain.timeoutMs + 5000, `${grace} ms`);
  const hardStop = milliseconds(haproxy.match(/hard-stop-after (\w+)/)[1]);
  assert.ok(milliseconds(compose.services.balancer.stop_grace_period) >= hardStop);
});

test('only the load balancer can be reached from elsewhere', () => {
  const open = services.flatMap(([, { ports = [] }]) => ports).filter((port) => !port.startsWith('127.0.0.1:'));
  assert.deepEqual(open, ['8080:8080']);
});

for (const [name, service] of services) {
  test(`docker compose: ${name} is of one version, says when it is healthy, and what it mounts is there`, () => {
    if (service.build === undefined) assert.match(service.image, /^[\w/]+:v?\d[\w.-]*$/);
    assert.ok(service.healthcheck ?? (service.build && dockerfile.some((line) => line.startsWith('HEALTHCHECK '))));
    for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
      assert.equal(condition, 'service_healthy');
      assert.equal(compose.services[needed].profiles, undefined, `${needed} is started with it`);
    }
    for (const [source] of (service.volumes ?? []).map((volume) => volume.split(':'))) {
      if (source.startsWith('.')) assert.ok(existsSync(`${ROOT}/${source}`), source);
      else assert.ok(source in compose.volumes, source);
    }
  });
}

test('what programs read is where it is mounted', () => {
  const inContainer = (name, path) => {
    const mounts = compose.services[name].volumes.map((volume) => volume.split(':'));
    const [source, target] = mounts.find(([, to]) => path === to || path.startsWith(`${to}/`)) ?? [];
    return source && `${ROOT}/${source}${path.slice(target.length)}`;
  };
  const option = compose.services.prometheus.command.find((one) => one.startsWith('--config.file='));
  const { GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: home } = compose.services.grafana.environment;
  const { providers } = readYaml('deploy/grafana/provisioning/dashboards/hubbub.yml');
  const paths = [
    ['prometheus', option.split('=')[1]],
    ['balancer', '/usr/local/etc/haproxy/haproxy.cfg'],
    ['grafana', home],
    ['grafana', providers[0].options.path],
  ];
  for (const [name, path] of paths) assert.ok(existsSync(inContainer(name, path)), path);
  assert.ok(home.startsWith(`${providers[0].options.path}/`));
});

test('Prometheus asks the gateways and the load balancer, and Grafana asks Prometheus', () => {
  const { scrape_configs: jobs } = readYaml('deploy/prometheus/prometheus.yml');
  const [{ names, port }] = jobs.find((job) => job.job_name === 'hubbub').dns_sd_configs;
  assert.deepEqual([names, port], [['gateway'], gateway.server.port]);
  assert.deepEqual(jobs.find((job) => job.job_name === 'haproxy').static_configs[0].targets, ['balancer:8404']);
  const { datasources } = readYaml('deploy/grafana/provisioning/datasources/prometheus.yml');
  assert.equal(datasources[0].url, 'http://prometheus:9090');
});

test('the load balancer finds the gateways, asks whether they are ready, and waits for their pings', () => {
  assert.match(haproxy, new RegExp(`server-template gateway- \\d+ gateway:${gateway.server.port} check`));
  assert.match(haproxy, /option httpchk GET \/health\/ready\n/);
  assert.match(haproxy, /http-request deny .*path \/metrics/);
  const { intervalMs, timeoutMs } = gateway.heartbeat;
  assert.ok(milliseconds(haproxy.match(/timeout tunnel (\w+)/)[1]) > 1.1 * intervalMs + timeoutMs);
});

for (const { name, standardUrl } of SERVICES) {
  test(`npm run services finds the ${name} of docker compose where it looks, and nobody else does`, () => {
    const { ports, profiles, healthcheck } = compose.services[name];
    const { hostname, port } = new URL(standardUrl);
    assert.deepEqual([ports, profiles], [[`${hostname}:${port}:${port}`], ['services']]);
    assert.ok(healthcheck, 'docker compose up --wait needs one');
  });
}
