import type { Member } from '@hubbub/protocol';
import type { NodeSeat } from './attendance-store.js';

/**
 * Who is in a room that has members on this node, on all nodes. Presence implements it; where there is none, rooms answers
 * from its own seats, without states and other nodes.
 */
export abstract class MemberDirectory {
  /**
   * One page of the members of a room, in an order that stays while people come and go.
   * @param options.cursor `nextCursor` of the page before; of another room or malformed: the first page
   * @param options.limit most members, 1–200
   * @param options.reader user id of who is told, if he is one of them
   */
  abstract page(
    roomId: string,
    options: { cursor?: string | undefined; limit: number; reader?: string | undefined },
  ): { members: Member[]; nextCursor?: string };

  /** Members of a room; 0 if there is no such room. */
  abstract count(roomId: string): number;

  abstract has(roomId: string, userId: string): boolean;

  /** The users who have these seats at other nodes, in their order, in a room that has no members here. */
  abstract describe(roomId: string, seats: readonly NodeSeat[]): Promise<Member[]>;
}
