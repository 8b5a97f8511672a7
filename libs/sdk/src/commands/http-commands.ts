import { HubbubError } from '@hubbub/protocol';
import { answeredError, encodeData } from './answered-error.js';
import { type CommandRequest, CommandTransport } from './command-transport.js';

/** Commands over HTTP, for services without NATS. */
export class HttpCommands extends CommandTransport {
  private readonly base: string;

  /** @param url base of the gateway; a path in it is kept */
  constructor(url: string) {
    super();
    this.base = `${url.replace(/\/+$/, '')}/api/commands/`;
  }

  async request({ name, data, token, timeoutMs }: CommandRequest): Promise<unknown> {
    const body = encodeData(data);
    const headers = new Headers({ 'content-type': 'application/json' });
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    try {
      const response = await fetch(this.base + encodeURIComponent(name), {
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.timeout(timeoutMs),
      });
      const answer: unknown = await response.json().catch((cause: unknown) => notJson(response.status, cause));
      if (!response.ok) throw answeredError(answer);
      return answer;
    } catch (error) {
      throw failureOf(error);
    }
  }
}

/** What a proxy says in place of the gateway. */
function notJson(status: number, cause: unknown): never {
  if (isTimeout(cause)) throw cause;
  const message = `The answer is not of a gateway (HTTP ${status}).`;
  throw new HubbubError(status >= 500 ? 'ServerError' : 'Unknown', { message, cause });
}

function failureOf(error: unknown): HubbubError {
  if (error instanceof HubbubError) return error;
  if (isTimeout(error)) return new HubbubError('Timeout', { cause: error });
  return new HubbubError('ServerError', { message: 'No gateway answers at this address.', cause: error });
}

/** By its name: what aborts a request need not be an Error of this realm. */
function isTimeout(error: unknown): boolean {
  return (error as { name?: unknown } | null)?.name === 'TimeoutError';
}
