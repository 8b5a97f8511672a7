/** The dashboard and the alerts: what they ask Prometheus for is what a gateway tells it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { read, readYaml } from './deployment.mjs';
import { startListening } from './listening.mjs';
import { ROOT } from './run-process.mjs';
import { findProgram } from './services/start.mjs';

const ALERTS = 'deploy/prometheus/alerts.yml';
const alerts = readYaml(ALERTS).groups.flatMap(({ rules }) => rules);
const dashboards = readdirSync(join(ROOT, 'deploy/grafana/dashboards')).map((file) =>
  JSON.parse(read(`deploy/grafana/dashboards/${file}`)),
);
const panels = dashboards.flatMap((dashboard) => dashboard.panels);
const questions = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ by: title, expr })));

/** The lines `# TYPE` of a gateway, as a map of names to types. */
const told = new Map();
let folder;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hubbub-monitoring-'));
  const env = {
    ...process.env,
    HUBBUB_SERVER_HOST: '127.0.0.1',
    HUBBUB_SERVER_PORT: '0',
    HUBBUB_DATA_DIR: join(folder, 'data'),
  };
  const main = join(ROOT, 'dist/apps/gateway/src/main.js');
  const { child, ended, socket } = await startListening(process.execPath, [main], { cwd: folder, env });
  const text = await (await fetch(`http://${socket.host}/metrics`)).text();
  for (const [, name, type] of text.matchAll(/^# TYPE (\w+) (\w+)$/gm)) told.set(name, type);
  child.kill('SIGTERM');
  await ended;
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Names of ours and of Node's in a PromQL expression. */
const metricsOf = (expr) => expr.replaceAll(/"[^"]*"/g, '""').match(/\b(hubbub|process|nodejs)_\w+/g) ?? [];

/** The metric of a series: a histogram's have an ending. */
function metricOf(series) {
  const base = series.replace(/_(bucket|sum|count)$/, '');
  return told.get(base) === 'histogram' ? base : series;
}

test('the dashboard and the alerts ask for what there is', () => {
  const expressions = [...questions, ...alerts.map(({ alert, expr }) => ({ by: alert, expr }))];
  const absent = expressions.flatMap(({ by, expr }) =>
    metricsOf(expr)
      .filter((series) => !told.has(metricOf(series)))
      .map((series) => `${by}: ${series}`),
  );
  assert.ok(told.size > 30, 'the gateway told its metrics');
  assert.deepEqual(absent, []);
});

test('a counter is asked for as a rate or an increase, and a histogram by its buckets', () => {
  for (const { by, expr } of [...questions, ...alerts.map(({ alert, expr }) => ({ by: alert, expr }))]) {
    for (const series of metricsOf(expr)) {
      const isRate = new RegExp(`(rate|increase)\\(${series}(\\{[^}]*\\})?\\[`).test(expr);
      assert.equal(isRate, told.get(metricOf(series)) !== 'gauge', `${by}: ${series}`);
    }
  }
});

test('the dashboard shows what an operator looks for', () => {
  const shown = new Set(questions.flatMap(({ expr }) => metricsOf(expr)).map(metricOf));
  const wanted = [
    'hubbub_connections',
    'hubbub_deliveries_total',
    'hubbub_command_duration_seconds',
    'hubbub_append_duration_seconds',
    'hubbub_slow_consumers_total',
    'hubbub_repairs_total',
    'hubbub_healthy',
    'hubbub_bus_errors_total',
    'hubbub_outbox_pending',
    'hubbub_cache_hits_total',
  ];
  assert.deepEqual(
    wanted.filter((name) => !shown.has(name)),
    [],
  );
});

test('every panel has its own place, its own number, and the provisioned data source', () => {
  const { datasources } = readYaml('deploy/grafana/provisioning/datasources/prometheus.yml');
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const taken = new Set();
  for (const { title, type, gridPos, datasource } of panels) {
    if (type !== 'row') assert.equal(datasource.uid, datasources[0].uid, title);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.ok(x < 24 && !taken.has(`${x} ${y}`), `${title} lies on another panel`);
        taken.add(`${x} ${y}`);
      }
    }
  }
});

test('every alert says how bad it is and what it means, and the documents what to do', () => {
  const document = read('docs/operations.md');
  for (const { alert, labels, annotations } of alerts) {
    assert.match(labels.severity, /^(critical|warning)$/, alert);
    assert.ok(annotations.summary.length > 10, alert);
    assert.ok(document.includes(`\`${alert}\``), `docs/operations.md says nothing of ${alert}`);
  }
});

if (findProgram('promtool') !== null) {
  test('promtool accepts the configuration, the alerts, and each question of the dashboard', () => {
    execFileSync('promtool', ['check', 'config', '--syntax-only', join(ROOT, 'deploy/prometheus/prometheus.yml')]);
    execFileSync('promtool', ['check', 'rules', join(ROOT, ALERTS)]);
    // As rules, in the place of Grafana's variables what it puts there.
    const rules = questions.map(({ expr }, at) => ({
      record: `question_${at}`,
      expr: expr.replaceAll('$__rate_interval', '1m').replaceAll('$node', '.*'),
    }));
    const file = join(folder, 'questions.yml');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    execFileSync('promtool', ['check', 'rules', file]);
  });
}
