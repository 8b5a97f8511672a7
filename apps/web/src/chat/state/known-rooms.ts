import type { ReplyData } from '@hubbub/protocol';

export type ListKnown = (query: {
  cursor?: string;
  joined?: boolean;
  limit: number;
}) => Promise<ReplyData<'list_rooms'>>;

const PAGE = 200;
/** Most rooms that are looked through for a read marker: a browser is new once, and there may be thousands. */
const LOOKED_THROUGH = 500;

/**
 * Ids of the rooms that a person is known to be in, for a browser that has kept none: those in which his other devices are,
 * and those in which he has read.
 * @throws CommandError
 */
export async function knownRooms(list: ListKnown): Promise<string[]> {
  const { rooms: joined } = await list({ joined: true, limit: PAGE });
  const ids = new Set(joined.map(({ id }) => id));
  let cursor: string | undefined;
  for (let left = LOOKED_THROUGH; left > 0; left -= PAGE) {
    const limit = Math.min(PAGE, left);
    const { rooms, next_cursor } = await list({ limit, ...(cursor === undefined ? {} : { cursor }) });
    // Only where there is a read marker is there a count.
    for (const { id, unread } of rooms) if (unread !== undefined) ids.add(id);
    if (next_cursor === undefined) break;
    cursor = next_cursor;
  }
  return [...ids];
}
