import { HubbubClient } from '@hubbub/client';
import { sharedWebSocket } from '@hubbub/client/tabs';

/** As many tabs as there are, on one connection. */
export const shared = (url: string, token: string): HubbubClient =>
  new HubbubClient({
    url,
    token,
    WebSocket: sharedWebSocket({
      worker: () => new SharedWorker(new URL('@hubbub/client/tabs-worker', import.meta.url), { type: 'module' }),
    }),
  });
