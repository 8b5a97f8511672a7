import type { TestClient, TestCluster } from '@hubbub/testing';

/** A room, or the inbox of the client's user. */
export type Log = { readonly room_id: string } | 'inbox';

/**
 * The numbers that a client got of one log, in the order in which they came: of pushes, and of the answers to its own
 * messages; a repeat of a key has no number of its own.
 */
export function numbers(client: TestClient, log: Log): number[] {
  const [push, reply] =
    log === 'inbox' ? ['direct_message', 'direct_message_sent'] : ['room_message', 'room_message_sent'];
  return client.frames.flatMap(({ message_type, data }) => {
    const isOf = log === 'inbox' || data['room_id'] === log.room_id;
    const { seq, duplicate } = data as { seq?: number; duplicate?: true };
    return isOf && (message_type === push || message_type === reply) && !duplicate && seq !== undefined ? [seq] : [];
  });
}

/** `from`, … up to `to`. */
export function upTo(to: number, from = 1): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

/** Resolves when all clients have the numbers 1 … `last` of a log; fails if they have anything else or in another order. */
export async function expectAll(clients: readonly TestClient[], log: Log, last: number): Promise<void> {
  for (const client of clients) {
    await client.until(() => numbers(client, log).length >= last);
    await client.settle();
    expect(numbers(client, log)).toEqual(upTo(last));
  }
}

/** Resolves when every node knows of all the others who is connected there. */
export async function knowEachOther(cluster: TestCluster): Promise<void> {
  const probes = await Promise.all(
    cluster.nodes.map(async (node, index) => {
      const probe = await node.connect(`probe${index}`);
      const { count } = await probe.command('watch_online', { enabled: true });
      if (count < cluster.nodes.length) await probe.next('online', (push) => push.count === cluster.nodes.length);
      return probe;
    }),
  );
  for (const probe of probes) await probe.close();
}
