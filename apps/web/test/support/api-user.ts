import type { GatewayProcess } from './gateway.js';

const PASSWORD = 'correct horse battery';

export interface HistoryMessage {
  readonly seq: number;
  readonly sender_id: string;
  readonly content: unknown;
}

/** Somebody who uses the gateway without a page: a service, or a client of another make. */
export class ApiUser {
  constructor(
    private readonly gateway: GatewayProcess,
    /** His access token. */
    readonly token: string,
  ) {}

  static async register(gateway: GatewayProcess, username: string): Promise<ApiUser> {
    const nobody = new ApiUser(gateway, '');
    const body = { username, password: PASSWORD };
    const { access_token } = await nobody.post<{ access_token: string }>('auth/register', body);
    return new ApiUser(gateway, access_token);
  }

  post<T>(path: string, body: object): Promise<T> {
    return this.request('POST', path, body);
  }

  get<T>(path: string): Promise<T> {
    return this.request('GET', path);
  }

  /** All that a room keeps, oldest first: at most 1000 messages. */
  async history(roomId: string): Promise<HistoryMessage[]> {
    const all: HistoryMessage[] = [];
    for (let page = 0; page < 5; page++) {
      const path = `rooms/${roomId}/messages?limit=200&after=${all.at(-1)?.seq ?? 0}`;
      const { messages, has_more } = await this.get<{ messages: HistoryMessage[]; has_more: boolean }>(path);
      all.push(...messages);
      if (!has_more) break;
    }
    return all;
  }

  private async request<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.gateway.url}api/${path}`, {
      method,
      headers: {
        ...(this.token && { authorization: `Bearer ${this.token}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }
}
