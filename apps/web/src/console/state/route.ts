/** Where in the console one is: `#/rooms/lobby/members?sort=name`. Addresses are links, so that they can be kept and passed on. */
export interface Route {
  /** Decoded, at least one: `['rooms', 'lobby', 'members']`. */
  readonly path: readonly [string, ...string[]];
  readonly query: Readonly<Record<string, string>>;
}

const HOME = 'overview';

/** @param hash of the address, with or without `#` */
export function readRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  const [first = HOME, ...rest] = path.split('/').filter(Boolean).map(decode);
  return { path: [first, ...rest], query: Object.fromEntries(new URLSearchParams(query)) };
}

/** @param query what is undefined or empty is left out */
export function routeTo(path: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): string {
  const said = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
  const suffix = said.length === 0 ? '' : `?${new URLSearchParams(said)}`;
  return `#/${path.map(encodeURIComponent).join('/')}${suffix}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
