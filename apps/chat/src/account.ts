import type { TokenReason } from '@hubbub/client';

/** Tokens as the gateway gives them. */
interface Tokens {
  readonly user_id: string;
  readonly access_token: string;
  readonly refresh_token: string;
  /** Seconds. */
  readonly expires_in: number;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** An answer that no later attempt will change. */
export class AccountError extends Error {
  /** Read by the client: it gives up. */
  readonly retryable = false;
}

/** A token with less left than this is renewed before it is used, in ms. */
const MARGIN_MS = 30_000;
const REQUEST_TIMEOUT_MS = 8000;

/** An account at a gateway: signs in, or registers if there is none, and keeps a token that is good. */
export class Account {
  private tokens: Tokens | null = null;
  private goodUntil = 0;

  /**
   * @param origins of the nodes, any of which will do
   * @param registered called when the account was made just now
   */
  constructor(
    private origins: readonly string[],
    private readonly username: string,
    private readonly password: string,
    private readonly registered: () => void,
  ) {}

  /**
   * A token for the client.
   * @throws AccountError where the gateway says no; other errors may pass
   */
  async token(reason: TokenReason): Promise<string> {
    const isGood = this.tokens !== null && Date.now() < this.goodUntil;
    if (reason !== 'connect' || !isGood) this.keep((await this.refresh()) ?? (await this.signIn()));
    return (this.tokens as Tokens).access_token;
  }

  /** Ends the session at the gateway, if it can be reached. */
  async signOut(): Promise<void> {
    if (this.tokens === null) return;
    await this.post('logout', { refresh_token: this.tokens.refresh_token }, 1000).catch(() => {});
  }

  private keep(tokens: Tokens): void {
    this.tokens = tokens;
    this.goodUntil = Date.now() + tokens.expires_in * 1000 - MARGIN_MS;
  }

  private async refresh(): Promise<Tokens | null> {
    if (this.tokens === null) return null;
    const { status, body } = await this.post('refresh', { refresh_token: this.tokens.refresh_token });
    return status === 200 ? (body as Tokens) : null;
  }

  private async signIn(): Promise<Tokens> {
    const { username, password } = this;
    const login = await this.post('login', { username, password });
    if (login.status === 200) return login.body as Tokens;
    if (login.status !== 401) throw failure(login.status, login.body);
    const made = await this.post('register', { username, password });
    if (made.status === 201) {
      this.registered();
      return made.body as Tokens;
    }
    if (made.status === 409) throw new AccountError(`${username} is taken, and its password is another one.`);
    throw failure(made.status, made.body);
  }

  /** Asks one node after the other until one answers. */
  private async post(route: string, body: object, timeoutMs = REQUEST_TIMEOUT_MS): Promise<Answer> {
    const failures: Error[] = [];
    let answer: Answer | undefined;
    for (const origin of this.origins) {
      try {
        answer = await request(`${origin}/api/auth/${route}`, body, timeoutMs / this.origins.length);
        if (answer.status >= 500) continue;
        this.origins = [origin, ...this.origins.filter((other) => other !== origin)];
        return answer;
      } catch (error) {
        const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
        failures.push(new Error(`${origin} cannot be reached (${cause?.code ?? (error as Error).message}).`));
      }
    }
    if (answer) return answer;
    throw new Error(failures.map(({ message }) => message).join(' '));
  }
}

async function request(url: string, body: object, timeoutMs: number): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function failure(status: number, body: unknown): Error {
  const { message, details } = (body ?? {}) as { message?: string; details?: { path: string; message: string }[] };
  const faults = Array.isArray(details) ? details.map((fault) => ` ${fault.path} ${fault.message}.`).join('') : '';
  const text = `${message ?? `The gateway answered HTTP ${status}.`}${faults}`;
  // Too busy or away: the next attempt may work.
  return status === 429 || status >= 500 ? new Error(text) : new AccountError(text);
}
