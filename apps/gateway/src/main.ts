import cluster from 'node:cluster';
import { setFlagsFromString } from 'node:v8';
import { runWorkers } from '@hubbub/hubbub';
import { announce } from './addresses.js';
import { readArguments, readConfig } from './command-line.js';
import { startGateway } from './gateway.js';

// What survives a moment of many unanswered messages would be taken for long-lived from then on, and allocated as such: dead at
// once, it keeps what it points to, and collecting takes four times as long.
setFlagsFromString('--no-allocation-site-pretenuring');

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
