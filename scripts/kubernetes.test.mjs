/** The manifests of deploy/kubernetes where no cluster is at hand: that they parse, fit together, and fit the gateway. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { configOf, read, readYaml, SECRET } from './deployment.mjs';
import { ROOT } from './run-process.mjs';

const FOLDER = 'deploy/kubernetes';
const kustomization = readYaml(`${FOLDER}/kustomization.yaml`);
const files = readdirSync(join(ROOT, FOLDER)).filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml');
const objects = new Map(files.map((file) => [file, readYaml(`${FOLDER}/${file}`)]));
const deployment = objects.get('deployment.yaml');
const secret = objects.get('secret.example.yaml');
const pod = deployment.spec.template.spec;
const [container] = pod.containers;
const [{ containerPort }] = container.ports;
const [{ name: mapName, envs }] = kustomization.configMapGenerator;
const settings = Object.fromEntries(
  envs.flatMap((file) =>
    read(`${FOLDER}/${file}`)
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/).slice(0, 2)),
  ),
);
/** As a node of the cluster gets it. */
const environment = {
  ...settings,
  ...secret.stringData,
  HUBBUB_AUTH_SECRET: SECRET,
  HUBBUB_CLUSTER_NODE_ID: 'hubbub-6d5f7c9b8d-x2x4q',
};
const config = configOf(environment);

test('every object is one that kubectl knows, and named alike', () => {
  const kinds = [...objects.values()].map(({ apiVersion, kind, metadata }) => `${apiVersion} ${kind} ${metadata.name}`);
  assert.deepEqual(kinds.toSorted(), [
    'apps/v1 Deployment hubbub',
    'autoscaling/v2 HorizontalPodAutoscaler hubbub',
    'policy/v1 PodDisruptionBudget hubbub',
    'v1 Secret hubbub',
    'v1 Service hubbub',
  ]);
  for (const file of kustomization.resources) assert.ok(objects.has(file), file);
  assert.equal(kustomization.resources.includes('secret.example.yaml'), false);
});

test('the settings are those of a cluster, and those that the deployment refers to', () => {
  assert.deepEqual([config.database.type, config.bus.type], ['postgres', 'nats']);
  assert.deepEqual(
    container.envFrom.map(({ configMapRef, secretRef }) => (configMapRef ?? secretRef).name),
    [mapName, secret.metadata.name],
  );
  for (const { name } of container.env) assert.ok(name in environment, name);
  assert.equal(config.cluster.nodeId, environment.HUBBUB_CLUSTER_NODE_ID);
  assert.equal(pod.enableServiceLinks, false, 'nobody else sets variables of ours');
});

test('the secret of the example is refused', () => {
  assert.throws(() => configOf({ ...environment, ...secret.stringData }), /auth\.secret/);
});

test('what selects the gateways selects them', () => {
  const { labels } = deployment.spec.template.metadata;
  const [spread] = pod.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution;
  const selectors = [
    deployment.spec.selector.matchLabels,
    objects.get('service.yaml').spec.selector,
    objects.get('disruption-budget.yaml').spec.selector.matchLabels,
    spread.podAffinityTerm.labelSelector.matchLabels,
    kustomization.labels[0].pairs,
  ];
  for (const selector of selectors) assert.deepEqual(selector, labels);
  const { scaleTargetRef } = objects.get('autoscaler.yaml').spec;
  assert.deepEqual([scaleTargetRef.kind, scaleTargetRef.name], ['Deployment', deployment.metadata.name]);
  assert.equal(kustomization.images[0].name, container.image);
});

test('the ports are that of the gateway', () => {
  assert.equal(containerPort, config.server.port);
  const [{ targetPort }] = objects.get('service.yaml').spec.ports;
  assert.equal(targetPort, container.ports[0].name);
  const annotations = deployment.spec.template.metadata.annotations;
  assert.equal(Number(annotations['prometheus.io/port']), containerPort);
});

test('ready asks whether it is ready, and a restart is for what does not live', () => {
  const asked = (probe) => [probe.httpGet.path, probe.httpGet.port];
  assert.deepEqual(asked(container.readinessProbe), ['/health/ready', 'http']);
  assert.deepEqual(asked(container.livenessProbe), ['/health/live', 'http']);
  assert.deepEqual(asked(container.startupProbe), ['/health/live', 'http']);
  // Each check has 3 s.
  assert.ok(container.readinessProbe.timeoutSeconds > 3);
  // The database is waited for for 30 s.
  assert.ok(container.startupProbe.periodSeconds * container.startupProbe.failureThreshold > 30);
});

test('a node that is stopped has the time for an orderly end', () => {
  const [program, seconds] = container.lifecycle.preStop.exec.command;
  assert.equal(program, 'sleep');
  const needed = Number(seconds) + config.drain.timeoutMs / 1000 + 5;
  assert.ok(pod.terminationGracePeriodSeconds >= needed, `${needed} s`);
});

test('never is there less of it than there was: one more before one less, and one at a time', () => {
  assert.deepEqual(deployment.spec.strategy.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 });
  assert.equal(objects.get('disruption-budget.yaml').spec.maxUnavailable, 1);
  assert.ok(deployment.spec.replicas >= 2);
  assert.ok(objects.get('autoscaler.yaml').spec.minReplicas >= 2);
});

test('it runs as the user of the image, without rights, on a file system that it cannot write', () => {
  assert.deepEqual([pod.securityContext.runAsNonRoot, pod.securityContext.runAsUser], [true, 1000]);
  const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities } = container.securityContext;
  assert.deepEqual([allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities.drop], [false, true, ['ALL']]);
  const [{ mountPath }] = container.volumeMounts;
  assert.ok(read('Dockerfile').includes(`ENV HUBBUB_DATA_DIR=${mountPath}`));
});
