import type { Member } from '@hubbub/protocol';
import { MemberDirectory, type NodeSeat } from '@hubbub/rooms';
import { Injectable } from '@nestjs/common';
import { PresenceExchange } from './presence-exchange.js';
import { PresenceState } from './presence-state.js';

/** Lists members in the order of their user ids, with their states. */
@Injectable()
export class PresenceDirectory extends MemberDirectory {
  constructor(
    private readonly state: PresenceState,
    private readonly exchange: PresenceExchange,
  ) {
    super();
  }

  // The cursor is the last user id of its page: good for any node and after any number of comings and goings.
  override page(
    roomId: string,
    { cursor, limit, reader }: { cursor?: string | undefined; limit: number; reader?: string | undefined },
  ): { members: Member[]; nextCursor?: string } {
    const { members, more } = this.state.page(roomId, cursor, limit, reader);
    const last = members.at(-1);
    return more && last ? { members, nextCursor: last.user_id } : { members };
  }

  override count(roomId: string): number {
    return this.state.count(roomId);
  }

  override has(roomId: string, userId: string): boolean {
    return this.state.has(roomId, userId);
  }

  override async describe(roomId: string, seats: readonly NodeSeat[]): Promise<Member[]> {
    const news = await this.exchange.look(roomId, seats);
    // Nobody here is in the room, so what is known of it is what the others say.
    const room = new PresenceState('');
    room.settle(roomId, seats, true);
    for (const [nodeId, members] of news) room.learn(roomId, nodeId, members, true);
    return room.page(roomId, undefined, seats.length).members;
  }
}
