import type { WebSocketConstructor } from '@hubbub/client';
import { sharedWebSocket } from '@hubbub/client/tabs';
// oxlint-disable-next-line import/default -- what Vite makes of it has one: the address
import workerUrl from './tabs-worker.ts?sharedworker&url';

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/** One connection for all tabs of this browser. */
export function sharedSocket(): WebSocketConstructor {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  // The page's policy lets nothing made by a script become a script's address, but for this one address that the build has made.
  const trusted = trustedTypes?.createPolicy('hubbub-worker', { createScriptURL: () => workerUrl });
  const url = trusted?.createScriptURL('') ?? workerUrl;
  return sharedWebSocket({
    ...(typeof SharedWorker !== 'undefined' && {
      worker: () => new SharedWorker(url, { type: 'module', name: 'hubbub' }),
    }),
  });
}
