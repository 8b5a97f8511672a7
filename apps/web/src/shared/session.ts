import { CommandError, type TokenReason } from '@hubbub/client';
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { alone } from './alone.js';
import { readClaims } from './claims.js';
import { request } from './request.js';
import type { Settings } from './settings.js';
import { onStored, readStored, writeStored } from './stored.js';

/** What the gateway answers a sign-in and a refresh with. */
interface SignedIn {
  user_id: string;
  username: string;
  access_token: string;
  refresh_token: string;
  expires_in: number;
}

/** A sign-in as this browser keeps it, for all its tabs. */
interface Kept {
  readonly userId: string;
  readonly username: string;
  readonly accessToken: string;
  /** Unix ms, by this browser's clock. */
  readonly expiresAt: number;
  /** Absent for a token of somebody else's, which cannot be renewed here. */
  readonly refreshToken?: string;
  /** Of a refresh that was begun: the same key again is the same request, should its answer be lost. */
  readonly retryKey?: string;
}

/** - `signed-out`: here, or in another tab; `expired`: the sign-in is over, and nothing but a new one helps */
export type SessionEnd = 'signed-out' | 'expired';

/** A token is renewed when less of its life is left: clocks differ, and what is sent with it takes time. */
const SPARE_MS = 30_000;

/** Who is signed in, in this browser. Its tabs share the sign-in: one renews it for all, and one signs all out. */
export class Session {
  private readonly kept: Signal<Kept>;
  private readonly listeners = new Set<(why: SessionEnd) => void>();
  private over = false;
  private readonly stop: () => void;
  /** From the token's claims: what to offer. What is allowed, the gateway decides. */
  readonly permissions: ReadonlySignal<readonly string[]> = computed(
    () => readClaims(this.kept.value.accessToken).permissions,
  );

  private constructor(
    private readonly settings: Settings,
    kept: Kept,
  ) {
    this.kept = signal(kept);
    this.stop = onStored(keyOf(settings), () => this.changedElsewhere());
  }

  /** The sign-in that this browser keeps; null where there is none that still lives. */
  static async restore(settings: Settings): Promise<Session | null> {
    const kept = readStored<Kept>(keyOf(settings));
    if (kept === null || (kept.refreshToken === undefined && kept.expiresAt <= Date.now())) return null;
    const session = new Session(settings, kept);
    try {
      await session.token();
    } catch (error) {
      // Who is offline is still signed in.
      if (!(error instanceof CommandError && error.retryable)) return null;
    }
    return session;
  }

  /** Whether somebody has been signed in here, in this browser. */
  static wasHere(settings: Settings): boolean {
    return readStored(keyOf(settings)) !== null || readStored(endKeyOf(settings)) !== null;
  }

  /** @throws CommandError Unauthorized, RateLimited, Forbidden where accounts are kept elsewhere */
  static login(settings: Settings, username: string, password: string): Promise<Session> {
    return Session.begin(settings, '/auth/login', { username, password });
  }

  /** @throws CommandError UsernameTaken, InvalidFormat, RateLimited, Forbidden where nobody may register */
  static register(settings: Settings, username: string, password: string): Promise<Session> {
    return Session.begin(settings, '/auth/register', { username, password });
  }

  /**
   * Signs in with a token that another issuer made.
   * @throws CommandError InvalidToken if it is none, TokenExpired, or whatever the gateway says of it
   */
  static async withToken(settings: Settings, token: string): Promise<Session> {
    const { userId, username, expiresAt } = readClaims(token);
    if (userId === null) throw new CommandError('InvalidToken', { code: 2003 });
    if (expiresAt <= Date.now()) throw new CommandError('TokenExpired', { code: 2002 });
    // Any route that needs a token would do; the answer is not looked at unless it is a refusal of the token.
    await request(settings, 'GET', '/rooms', { token, query: { limit: 1 } }).catch((error: unknown) => {
      if (!(error instanceof CommandError && error.name === 'Forbidden')) throw error;
    });
    return Session.keep(settings, { userId, username, accessToken: token, expiresAt });
  }

  get userId(): string {
    return this.kept.value.userId;
  }

  get username(): string {
    return this.kept.value.username;
  }

  /**
   * An access token that is good for a while: the token provider of HubbubClient, and of the Api.
   * @param reason `refused` and `expiring` ask for another than the last
   * @throws CommandError InvalidToken once the sign-in is over; retryable while the gateway cannot be asked
   */
  async token(reason: TokenReason = 'connect'): Promise<string> {
    if (this.over) throw ended();
    const held = this.kept.value;
    if (reason === 'connect' && isGood(held)) return held.accessToken;
    // Refresh tokens rotate, and one that is used twice ends the sign-in: only one tab at a time may use it.
    return alone(`${keyOf(this.settings)}:refresh`, async () => {
      this.reread();
      if (this.over) throw ended();
      const now = this.kept.value;
      if (now.accessToken !== held.accessToken && isGood(now)) return now.accessToken;
      return this.refresh(now);
    });
  }

  /** Ends the sign-in in all tabs; resolves when the gateway knows, or cannot be asked. */
  async logout(): Promise<void> {
    const { refreshToken } = this.kept.value;
    this.end('signed-out');
    if (refreshToken === undefined) return;
    await request(this.settings, 'POST', '/auth/logout', { body: { refresh_token: refreshToken } }).catch(() => {});
  }

  /** The gateway said that the sign-in is over: nothing is kept of it. */
  expire(): void {
    this.end('expired');
  }

  /** Calls `listener` once, when the sign-in ends. @returns what ends it */
  onEnd(listener: (why: SessionEnd) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private static async begin(settings: Settings, path: string, body: object): Promise<Session> {
    return Session.keep(settings, keptOf(await request<SignedIn>(settings, 'POST', path, { body })));
  }

  private static keep(settings: Settings, kept: Kept): Session {
    writeStored(keyOf(settings), kept);
    return new Session(settings, kept);
  }

  private async refresh(kept: Kept): Promise<string> {
    if (kept.refreshToken === undefined) {
      // Whether a token of somebody else's that the gateway refused is over, only its expiry can say.
      if (kept.expiresAt > Date.now()) return kept.accessToken;
      this.end('expired');
      throw ended();
    }
    const retryKey = kept.retryKey ?? randomKey();
    this.store({ ...kept, retryKey });
    try {
      const headers = { 'Idempotency-Key': retryKey };
      const body = { refresh_token: kept.refreshToken };
      const answer = await request<SignedIn>(this.settings, 'POST', '/auth/refresh', { body, headers });
      this.store(keptOf(answer));
      return answer.access_token;
    } catch (error) {
      if (error instanceof CommandError && !error.retryable) {
        this.end('expired');
        throw ended();
      }
      throw error;
    }
  }

  private store(kept: Kept): void {
    if (this.over) return;
    this.kept.value = kept;
    writeStored(keyOf(this.settings), kept);
  }

  private changedElsewhere(): void {
    if (!this.over) this.reread();
  }

  /** Takes over what another tab has written. */
  private reread(): void {
    const kept = readStored<Kept>(keyOf(this.settings));
    if (kept?.userId === this.userId) this.kept.value = kept;
    else this.end(readStored<SessionEnd>(endKeyOf(this.settings)) ?? 'signed-out', false);
  }

  private end(why: SessionEnd, forget = true): void {
    if (this.over) return;
    this.over = true;
    this.stop();
    if (forget) {
      // For the other tabs, which only see that it is gone.
      writeStored(endKeyOf(this.settings), why);
      writeStored(keyOf(this.settings), undefined);
    }
    for (const listener of [...this.listeners]) listener(why);
  }
}

function keptOf(answer: SignedIn): Kept {
  return {
    userId: answer.user_id,
    username: answer.username,
    accessToken: answer.access_token,
    expiresAt: Date.now() + answer.expires_in * 1000,
    refreshToken: answer.refresh_token,
  };
}

/** Several gateways may be on one origin, below paths of their own. */
function keyOf({ api }: Settings): string {
  return `session:${api}`;
}

function endKeyOf({ api }: Settings): string {
  return `session-end:${api}`;
}

function isGood({ expiresAt, refreshToken }: Kept): boolean {
  return expiresAt - (refreshToken === undefined ? 0 : SPARE_MS) > Date.now();
}

function ended(): CommandError {
  return new CommandError('InvalidToken', { code: 2003, message: 'The sign-in is over.' });
}

/** `randomUUID` is there only where the page came by HTTPS. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
