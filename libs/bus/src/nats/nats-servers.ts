/** What a URL of the configuration says about NATS servers, in the words of its client. */
export interface NatsServers {
  readonly servers: string[];
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  /** Set where TLS is asked for; a server that requires it gets it anyway. */
  readonly tls?: object;
}

const SERVER = /^(?:(?<scheme>[a-z]+):\/\/)?(?:(?<login>[^@/]*)@)?(?<host>[^@/]+)\/?$/;

/**
 * Reads `nats://user:password@host:4222,host2:4222`, `nats://token@host`, `tls://host`: several servers comma-separated,
 * percent-encoded where a name or password has one of `:@/,`. Credentials of the first that has some hold for all.
 * @throws Error without the URL, which may hold a password
 */
export function natsServers(url: string): NatsServers {
  const found = url.split(',').map((part) => {
    const groups = SERVER.exec(part.trim())?.groups;
    if (groups === undefined || !['nats', 'tls', undefined].includes(groups.scheme)) {
      throw new Error('bus.url: expected nats://host:port, several of them comma-separated');
    }
    return groups;
  });
  const login = found.find((server) => server.login !== undefined)?.login;
  return {
    servers: found.map(({ host }) => host as string),
    ...(login === undefined ? {} : credentials(login)),
    ...(found.some(({ scheme }) => scheme === 'tls') ? { tls: {} } : {}),
  };
}

function credentials(login: string): Pick<NatsServers, 'user' | 'pass' | 'token'> {
  const [name, password] = login.split(':', 2).map(decodeURIComponent) as [string, string | undefined];
  return password === undefined ? { token: name } : { user: name, pass: password };
}
