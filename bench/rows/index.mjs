/**
 * What is measured. A row is one kind of work: `suits(peer)` says who can do it, `measure(peer, plan)` does it once against a
 * fresh server and returns its figures. Smaller is better for all of them but `per_s`.
 */
import { connectionRows } from './connections.mjs';
import { fanoutRows } from './fanout.mjs';
import { storedRows } from './stored.mjs';
import { stormRows } from './storm.mjs';
import { turnRows } from './turns.mjs';
import { workerRows } from './workers.mjs';

export const ROWS = [...fanoutRows, ...turnRows, ...storedRows, ...connectionRows, ...stormRows, ...workerRows];
