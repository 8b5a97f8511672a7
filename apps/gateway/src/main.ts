import cluster from 'node:cluster';
import { runWorkers } from '@hubbub/hubbub';
import { announce } from './addresses.js';
import { readArguments, readConfig } from './command-line.js';
import { startGateway } from './gateway.js';

const values = readArguments(
  ['config'],
  'npm start [-- --config FILE]   (default: config/hubbub.yaml, which may be absent)',
);
const config = readConfig(values.config);

if (config.server.workers > 1 && cluster.isPrimary) {
  runWorkers(config, { onListening: (port) => announce(config, port) });
} else {
  const port = await startGateway(config, values.config);
  if (cluster.isPrimary) announce(config, port);
}
