import { WebSocket } from 'ws';
import type { Emitter } from '../emitter.js';
import { type ClientOptions, type ClientState, HubbubClient, type StateChange } from '../index.js';
import { HostileServer } from './hostile-server.js';

const open: { close(): unknown }[] = [];

/** A server that ends with the test. */
export async function startServer(nodes = 1): Promise<HostileServer> {
  const server = await HostileServer.start(Math.random, nodes);
  open.unshift(server);
  return server;
}

/** A client of all its nodes that comes back at once, and ends with the test. */
export function newClient(server: HostileServer, options: Partial<ClientOptions> = {}): HubbubClient {
  const backoff = { baseMs: 1, maxMs: 1 };
  // Delays of 0 would run out by themselves when a test moves its clock.
  const random = options.clock ? () => 1 : Math.random;
  const client = new HubbubClient({ url: server.urls, token: 'alice', WebSocket, backoff, random, ...options });
  open.unshift(client);
  return client;
}

export async function closeAll(): Promise<void> {
  for (const each of open.splice(0)) await each.close();
}

/** Resolves when the client comes to a state, from now on. */
export function reached(client: HubbubClient, state: ClientState): Promise<StateChange> {
  return new Promise((resolve) => {
    const stop = client.on('state', (change) => {
      if (change.state !== state) return;
      stop();
      resolve(change);
    });
  });
}

/** The next event of a type. */
export function next<E extends object, T extends keyof E>(emitter: Emitter<E>, type: T): Promise<E[T]> {
  return new Promise((resolve) => {
    emitter.once(type, resolve);
  });
}

/** Resolves once `isTrue`, looked at again whenever the event loop has done what it had to do. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}
