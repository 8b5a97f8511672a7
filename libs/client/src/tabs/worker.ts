/** The script of the worker that tabs share: `new SharedWorker(new URL('@hubbub/client/tabs-worker', import.meta.url), { type: 'module' })`. */
import type { WebSocketConstructor } from '../socket.js';
import { Hub } from './hub.js';
import { browserLocks, hold, watch } from './locks.js';
import { newName, type PortLike } from './wire.js';

interface WorkerScope {
  readonly WebSocket: WebSocketConstructor;
  addEventListener(type: 'connect', listener: (event: { readonly ports: readonly PortLike[] }) => void): void;
}

const scope = globalThis as unknown as WorkerScope;
const locks = browserLocks();
const lock = locks && `hubbub.hub.${newName()}`;
/** Before it is held it cannot be told: the tabs would find it free. */
const held = locks && lock ? hold(locks, lock) : Promise.resolve();
const hub = new Hub({
  WebSocket: scope.WebSocket,
  lock,
  watch: locks && ((name, gone) => watch(locks, name, gone)),
});

// Nobody waits for the first tab's event: it comes in the turn in which the script has run.
scope.addEventListener('connect', ({ ports: [port] }) => {
  void held.then(() => port && hub.connect(port));
});
