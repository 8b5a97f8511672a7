import { readStored, writeStored } from './stored.js';

interface Lease {
  readonly owner: string;
  /** Unix ms. */
  readonly until: number;
}

/** Longer than one request takes; a tab that was closed in the middle holds the others up for no longer. */
const LEASE_MS = 15_000;
/** Longer than a write takes to be seen by other tabs. */
const SETTLE_MS = 50;

/** Runs `work` while no other tab of this browser runs what has the same name. */
export function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = (globalThis.navigator as { locks?: LockManager } | undefined)?.locks;
  return locks ? (locks.request(`hubbub:${name}`, work) as Promise<T>) : byLease(name, work);
}

/** Where the page did not come by HTTPS, there are no locks: a lease in the store, which is right but for a race that is very unlikely. */
async function byLease<T>(name: string, work: () => Promise<T>): Promise<T> {
  const key = `lease:${name}`;
  const owner = `${Date.now()}-${Math.random()}`;
  while (!(await take(key, owner))) await pause(SETTLE_MS);
  try {
    return await work();
  } finally {
    if (readStored<Lease>(key)?.owner === owner) writeStored(key, undefined);
  }
}

async function take(key: string, owner: string): Promise<boolean> {
  const held = readStored<Lease>(key);
  if (held !== null && held.until > Date.now()) return false;
  writeStored(key, { owner, until: Date.now() + LEASE_MS } satisfies Lease);
  await pause(SETTLE_MS);
  return readStored<Lease>(key)?.owner === owner;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
