/** A primary's broker as a process of its own: run by `workers-bus.spec.ts`. */
import type { Pipe } from '../channel.js';
import { WorkersBroker } from '../workers-broker.js';
import { sharedChannels } from './shared-pipe.js';

// Each test's two channels listen to the one pipe.
process.setMaxListeners(0);
const broker = new WorkersBroker();
sharedChannels(process as unknown as Pipe, (channel) => broker.attach(channel));
process.send?.('ready');
