import { CommandError } from '@hubbub/client';
import type { Settings } from './settings.js';

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface RequestOptions {
  readonly token?: string;
  readonly query?: Query | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One request to the gateway's HTTP API; resolves with the body of its answer, undefined where it has none.
 * @param path below `settings.api`: `/rooms`
 * @throws CommandError made of the error body; Disconnected (retryable) where the gateway was not reached
 */
export async function request<T>(settings: Settings, method: Method, path: string, options: RequestOptions = {}) {
  const { token, body, headers, signal } = options;
  let response: Response;
  try {
    response = await fetch(settings.api + path + queryOf(options.query), {
      method,
      headers: {
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      // Tokens are all the gateway looks at.
      credentials: 'omit',
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new CommandError('Disconnected', { message: 'The gateway was not reached.', retryable: true, cause });
  }
  const answer = await bodyOf(response);
  if (!response.ok) throw errorOf(response, answer);
  return answer as T;
}

function queryOf(query: Query = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text().catch(() => '');
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

/** Also of what a proxy in between says, which has no body of ours. */
function errorOf(response: Response, body: unknown): CommandError {
  const { status, headers } = response;
  const waitS = Number(headers.get('Retry-After'));
  const retryAfterMs = waitS > 0 ? waitS * 1000 : undefined;
  if (typeof (body as { code?: unknown } | null | undefined)?.code === 'number') {
    const error = CommandError.from(body);
    if (error.retryAfterMs !== undefined || retryAfterMs === undefined) return error;
    const { code, message, retryable, details } = error;
    return new CommandError(error.name, { code, message, retryable, details, retryAfterMs });
  }
  if (status === 429) return new CommandError('RateLimited', { code: 1005, retryable: true, retryAfterMs });
  const message = `The gateway answered with status ${status}.`;
  return new CommandError(status >= 500 ? 'ServerError' : 'Unknown', {
    code: status >= 500 ? 1003 : 1000,
    message,
    retryable: status >= 500,
    retryAfterMs,
  });
}
