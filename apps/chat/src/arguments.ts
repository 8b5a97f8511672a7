import { parseArgs } from 'node:util';

export const USAGE = `usage: npm run chat -- --user NAME [--room ROOM] [--url URL]... [--password PASSWORD]
  --user      your name: 3 to 32 of A-Z a-z 0-9 _ -
  --room      where to begin (lobby)
  --url       the gateway (http://127.0.0.1:8080); with a path, that of the socket (/ws). Several times for several nodes
  --password  of the account; without it, HUBBUB_CHAT_PASSWORD or one that is made for you and kept in data/chat`;

/** Where one node of the gateway is. */
export interface NodeAddress {
  /** For HTTP: scheme, host and port. */
  readonly origin: string;
  /** Of the WebSocket. */
  readonly socketUrl: string;
}

export interface ChatOptions {
  readonly user: string;
  readonly room: string;
  /** At least one. */
  readonly nodes: readonly NodeAddress[];
  readonly password: string | undefined;
}

/** What a person has to correct. */
export class UsageError extends Error {}

/** @throws UsageError */
export function readArguments(args: readonly string[], env: NodeJS.ProcessEnv): ChatOptions {
  const values = parse(args);
  if (values.user === undefined || !/^[A-Za-z0-9_-]{3,32}$/.test(values.user)) {
    throw new UsageError('--user is needed: 3 to 32 of A-Z a-z 0-9 _ -');
  }
  const password = values.password ?? (env.HUBBUB_CHAT_PASSWORD || undefined);
  return { user: values.user, room: values.room, password, nodes: values.url.map(readAddress) };
}

function parse(args: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    const options = {
      user: text,
      room: { ...text, default: 'lobby' },
      url: { ...text, multiple: true as const, default: ['http://127.0.0.1:8080'] },
      password: text,
    };
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function readAddress(text: string): NodeAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol)) {
    throw new UsageError('--url must begin with http://, https://, ws:// or wss://');
  }
  const secure = url.protocol === 'https:' || url.protocol === 'wss:' ? 's' : '';
  const path = url.pathname === '/' ? '/ws' : url.pathname;
  return { origin: `http${secure}://${url.host}`, socketUrl: `ws${secure}://${url.host}${path}` };
}
