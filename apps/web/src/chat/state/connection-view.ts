import type { HubbubClient, StateChange } from '@hubbub/client';
import { type ReadonlySignal, signal } from '@preact/signals';

export interface ConnectionView {
  readonly state: HubbubClient['state'];
  /** With `offline`: when the next attempt begins, Unix ms. */
  readonly retryAt?: number;
  /** With `closed`: why, where it was not asked for. */
  readonly ending?: Ending;
}

/** - `ended`: the sign-in is over or was revoked; `replaced`: by newer connections of the same person */
export type Ending = 'ended' | 'expired' | 'replaced' | 'refused';

const ENDINGS: Readonly<Record<number, Ending>> = { 4501: 'expired', 4502: 'ended', 4503: 'replaced' };

/** The state of the connection as the page shows it. */
export function viewConnection(client: HubbubClient): ReadonlySignal<ConnectionView> {
  const view = signal<ConnectionView>({ state: client.state });
  client.on('state', (change) => {
    view.value = viewOf(change, Date.now());
  });
  return view;
}

export function viewOf({ state, retryInMs, error }: StateChange, now: number): ConnectionView {
  if (state === 'offline') return { state, retryAt: now + (retryInMs ?? 0) };
  if (state !== 'closed' || error === undefined) return { state };
  const code = (error.details as { close_code?: number } | undefined)?.close_code ?? 0;
  const isToken = error.name === 'InvalidToken' || error.name === 'TokenExpired';
  return { state, ending: ENDINGS[code] ?? (isToken ? 'ended' : 'refused') };
}
