import type { Room } from '@hubbub/protocol';

/** A room that nothing was heard of yet but its address. */
export function unknownRoom(id: string): Room {
  return {
    id,
    name: id,
    visibility: 'public',
    history: 'durable',
    max_clients: 0,
    member_count: 0,
    metadata: {},
    created_at: 0,
  };
}
