import { randomUUID } from 'node:crypto';
import { type ClientInfo, clientsPart, joinParts } from './client-pages.js';

const client =
  (node: string, rooms: string[] = []) =>
  ({ id }: { readonly id: string }) =>
    ({
      connection_id: id,
      user_id: null,
      node_id: node,
      rooms,
      connected_at: 0,
      remote_address: '::1',
    }) satisfies ClientInfo;

/** All pages of nodes with these connections. */
async function readAll(
  nodes: readonly (readonly string[])[],
  limit: number,
  rooms: string[] = [],
): Promise<string[][]> {
  const pages: string[][] = [];
  for (let after: string | undefined = ''; after !== undefined; ) {
    const request: { after: string; limit: number } = { after, limit };
    const parts = await Promise.all(
      nodes.map((ids, index) => {
        const connections = ids.map((id) => ({ id }));
        return clientsPart(connections, ids.length, request, client(`n${index}`, rooms));
      }),
    );
    for (const part of parts) expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(512 * 1024);
    const { clients, nextCursor } = joinParts(parts, limit);
    pages.push(clients.map(({ connection_id }) => connection_id));
    after = nextCursor;
  }
  return pages;
}

describe('the pages of connections', () => {
  const nodes = [30, 0, 12, 1].map((count) => Array.from({ length: count }, () => randomUUID()));
  const sorted = nodes.flat().sort();

  it.each([1, 7, 43, 100])('of %i have every connection of all nodes once, in order', async (limit) => {
    const pages = await readAll(nodes, limit);
    expect(pages.flat()).toEqual(sorted);
    expect(pages).toHaveLength(Math.ceil(sorted.length / limit));
  });

  it('are shorter rather than too large for the bus, and miss nothing for it', async () => {
    const rooms = Array.from({ length: 128 }, (_, n) => `${n}`.padEnd(128, 'x'));
    const pages = await readAll(nodes, 1000, rooms);
    expect(pages.flat()).toEqual(sorted);
    expect(pages.length).toBeGreaterThan(1);
  });

  it('are one and empty where nobody is connected', async () => {
    expect(await readAll([[], []], 10)).toEqual([[]]);
  });
});
