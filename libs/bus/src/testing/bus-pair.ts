import type { Subject } from '@hubbub/protocol';
import type { Bus } from '../bus.js';

/** What a suite does to the broker of two buses. It is running and not paused at the end of each test. */
export interface BrokerControl {
  stop(): Promise<void>;
  start(): Promise<void>;
  pause(): void;
  resume(): void;
}

/** Two nodes on one broker. */
export interface BusPair {
  readonly a: Bus;
  readonly b: Bus;
  readonly aId: string;
  readonly bId: string;
  readonly broker?: BrokerControl;
}

export const serverError = { name: 'ServerError' };

export const bytes = (text: string) => new TextEncoder().encode(text);
export const text = (payload: Uint8Array) => new TextDecoder().decode(payload);

/** Resolves with the first `count` payloads that `bus` gets on `subject`. */
export async function collect(bus: Bus, subject: Subject, count: number) {
  const got: string[] = [];
  let finish: (all: string[]) => void = () => {};
  const all = new Promise<string[]>((resolve) => (finish = resolve));
  const subscription = await bus.subscribe(subject, (payload) => {
    got.push(text(payload));
    if (got.length === count) finish(got);
  });
  return { all, got, subscription };
}

/** Resolves when the bus says that it is whole again. */
export function reconnected(bus: Bus): Promise<void> {
  return new Promise((resolve) => {
    const stop = bus.onReconnect(() => {
      stop();
      resolve();
    });
  });
}

/** Resolves once `condition` holds: for what is told by nothing but its value. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
