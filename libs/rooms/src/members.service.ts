import type { Member } from '@hubbub/protocol';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { MemberDirectory } from './member-directory.js';
import { RoomMembership } from './membership.service.js';

/**
 * Who is in a room: presence's answer or, in an application without presence, that of the seats on this node. Presence
 * stands on rooms, so it is looked up once everything is there.
 */
@Injectable()
export class RoomMembers extends MemberDirectory implements OnModuleInit {
  private directory: MemberDirectory | null = null;

  constructor(
    private readonly membership: RoomMembership,
    private readonly modules: ModuleRef,
  ) {
    super();
  }

  onModuleInit(): void {
    try {
      this.directory = this.modules.get(MemberDirectory, { strict: false });
    } catch {
      this.directory = null;
    }
  }

  override page(
    roomId: string,
    options: { cursor?: string; limit: number },
  ): { members: Member[]; nextCursor?: string } {
    if (this.directory !== null) return this.directory.page(roomId, options);
    const seats = [...this.membership.seats(roomId)]
      .filter(({ userId }) => options.cursor === undefined || userId > options.cursor)
      .sort((a, b) => (a.userId < b.userId ? -1 : 1));
    const members = seats.slice(0, options.limit).map(({ userId, username, connections, joinedAt }) => ({
      user_id: userId,
      username,
      connections: connections.size,
      joined_at: joinedAt,
    }));
    const last = members.at(-1);
    return seats.length > members.length && last ? { members, nextCursor: last.user_id } : { members };
  }

  override count(roomId: string): number {
    return this.directory === null ? this.membership.count(roomId) : this.directory.count(roomId);
  }
}
