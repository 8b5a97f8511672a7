import type { Member } from '@hubbub/protocol';
import { MemberDirectory } from '@hubbub/rooms';
import { Injectable } from '@nestjs/common';
import { PresenceState } from './presence-state.js';

/** Lists members in the order of their user ids, with their states. */
@Injectable()
export class PresenceDirectory extends MemberDirectory {
  constructor(private readonly state: PresenceState) {
    super();
  }

  // The cursor is the last user id of its page: good for any node and after any number of comings and goings.
  override page(
    roomId: string,
    { cursor, limit }: { cursor?: string; limit: number },
  ): { members: Member[]; nextCursor?: string } {
    const { members, more } = this.state.page(roomId, cursor, limit);
    const last = members.at(-1);
    return more && last ? { members, nextCursor: last.user_id } : { members };
  }

  override count(roomId: string): number {
    return this.state.count(roomId);
  }
}
