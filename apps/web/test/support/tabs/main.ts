import { HubbubClient } from '@hubbub/client';
import { sharedWebSocket } from '@hubbub/client/tabs';

/** A tab that is in the lobby, and shows what it hears. Address and token are in the fragment. */
const { url, token } = JSON.parse(decodeURIComponent(location.hash.slice(1))) as { url: string; token: string };

const client = new HubbubClient({
  url,
  token,
  backoff: { baseMs: 10, maxMs: 100 },
  WebSocket: sharedWebSocket({
    worker: () => new SharedWorker(new URL('@hubbub/client/tabs-worker', import.meta.url), { type: 'module' }),
  }),
});
const seen: string[] = [];
client.on('room_message', ({ seq, content }) => {
  seen.push(`${seq} ${String(content)}`);
  document.title = seen.join(', ');
});
/** Connections that this tab has had. */
const connections: string[] = [];
client.on('connected', ({ connection_id }) => connections.push(connection_id));
await client.connect();
const room = await client.join('lobby', { history: 0 });
Object.assign(window, { say: (content: string) => room.send(content), connections });
document.body.dataset['ready'] = 'true';
