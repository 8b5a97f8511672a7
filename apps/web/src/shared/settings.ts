/** What the gateway says of itself in the page that it serves. */
export interface Settings {
  /** Path of the HTTP API, without a slash at its end: `/api`. */
  readonly api: string;
  /** Path of the WebSocket: `/ws`. */
  readonly socket: string;
  /** Whether people may make an account here. Without, they need a token of someone else's. */
  readonly registration: boolean;
  readonly version: string;
}

const USUAL: Settings = { api: '/api', socket: '/ws', registration: true, version: '' };

/** Of this page; the usual ones where nothing was said, as by Vite's own server. */
export function readSettings(): Settings {
  const said = document.querySelector<HTMLMetaElement>('meta[name=hubbub]')?.content;
  return { ...USUAL, ...(said && (JSON.parse(said) as Partial<Settings>)) };
}

/** Where the socket of this page's gateway is. */
export function socketUrl({ socket }: Settings): string {
  const url = new URL(socket, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  return url.href;
}
