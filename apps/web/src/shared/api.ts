import { CommandError } from '@hubbub/client';
import { type Method, type Query, request } from './request.js';
import type { Session } from './session.js';
import type { Settings } from './settings.js';

/** The gateway's HTTP API, as whoever is signed in. Paths are below `settings.api`: `/rooms`. */
export class Api {
  constructor(
    private readonly settings: Settings,
    private readonly session: Session,
  ) {}

  /** @throws CommandError made of the error body, as all of these; the reason of `signal` once that is aborted */
  get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
    return this.send<T>('GET', path, { query, signal });
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    return this.send<T>('POST', path, { body });
  }

  patch<T>(path: string, body?: unknown): Promise<T> {
    return this.send<T>('PATCH', path, { body });
  }

  delete<T = void>(path: string, body?: unknown): Promise<T> {
    return this.send<T>('DELETE', path, { body });
  }

  private async send<T>(
    method: Method,
    path: string,
    options: { query?: Query | undefined; body?: unknown; signal?: AbortSignal | undefined },
  ): Promise<T> {
    const token = await this.session.token();
    try {
      return await request<T>(this.settings, method, path, { ...options, token });
    } catch (error) {
      // Refused before its time, as after a change of keys: another token once, and then no more.
      if (!(error instanceof CommandError && (error.name === 'TokenExpired' || error.name === 'InvalidToken')))
        throw error;
      const renewed = await this.session.token('refused');
      if (renewed === token) throw error;
      return request<T>(this.settings, method, path, { ...options, token: renewed });
    }
  }
}
