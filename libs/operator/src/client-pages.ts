import { firstOf } from './first-of.js';

/** A connection as operators see it. */
export interface ClientInfo {
  readonly connection_id: string;
  readonly user_id: string | null;
  readonly node_id: string;
  readonly rooms: readonly string[];
  readonly connected_at: number;
  readonly remote_address: string;
}

/** Which connections a page is of. */
export interface ClientsRequest {
  /** Id of the last one of the page before; empty: from the first. */
  readonly after: string;
  readonly limit: number;
  /** Only his. */
  readonly userId?: string | undefined;
}

/** What one node has of a page: its connections after the cursor, in the order of their ids. */
export interface ClientsPart {
  readonly clients: readonly ClientInfo[];
  /** Whether it has more after these. */
  readonly more: boolean;
  /** How many it has, those of other pages included. */
  readonly total: number;
}

/** Well below what a bus carries, as a connection may be in many rooms with long names. */
const PART_BYTES = 256 * 1024;

/**
 * The part of one node: at most `limit` connections, and fewer where they take much.
 * @param connections in any order
 * @param total how many these are
 */
export async function clientsPart<C extends { readonly id: string }>(
  connections: Iterable<C>,
  total: number,
  { after, limit }: ClientsRequest,
  describe: (connection: C) => ClientInfo,
): Promise<ClientsPart> {
  const later = await firstOf(connections, limit + 1, byId, ({ id }) => id > after);
  const clients = described(later, limit, describe);
  return { clients, more: clients.length < later.length, total };
}

/** At most `limit` of `connections`, and fewer where they take more than an answer over the bus should. */
export function described<C, Info extends ClientInfo>(
  connections: Iterable<C>,
  limit: number,
  describe: (connection: C) => Info,
): Info[] {
  const clients: Info[] = [];
  let bytes = 0;
  for (const connection of connections) {
    if (clients.length === limit || bytes > PART_BYTES) break;
    const client = describe(connection);
    clients.push(client);
    bytes += Buffer.byteLength(JSON.stringify(client));
  }
  return clients;
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1;
}

/** One page of the parts of all nodes: never beyond where one of them broke off. */
export function joinParts(
  parts: readonly ClientsPart[],
  limit: number,
): { clients: ClientInfo[]; nextCursor?: string } {
  const all = parts.flatMap(({ clients }) => clients).sort((a, b) => (a.connection_id < b.connection_id ? -1 : 1));
  const brokenOff = parts.filter(({ more }) => more).map(({ clients }) => clients.at(-1)?.connection_id ?? '');
  const known = all.filter(({ connection_id: id }) => brokenOff.every((last) => id <= last));
  const clients = known.slice(0, limit);
  const last = clients.at(-1);
  const isLast = clients.length === all.length && brokenOff.length === 0;
  return isLast || last === undefined ? { clients } : { clients, nextCursor: last.connection_id };
}
