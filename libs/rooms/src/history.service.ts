import { HubbubConfig } from '@hubbub/config';
import { encodeRoomMessage, MessageLog } from '@hubbub/messages';
import { HubbubError } from '@hubbub/protocol';
import { Injectable } from '@nestjs/common';
import { type Caller, requireAdmission } from './actor.js';
import { RoomDirectory } from './room-directory.js';
import type { RoomInfo } from './room-info.js';

export interface HistoryRange {
  /** Only numbers below: the newest of them. */
  readonly before?: number;
  /** Only numbers above: the oldest of them. */
  readonly after?: number;
  /** 1–200. @default history.page */
  readonly limit?: number;
}

/** Reads the history of rooms for those who may join them. */
@Injectable()
export class RoomHistory {
  constructor(
    private readonly log: MessageLog,
    private readonly rooms: RoomDirectory,
    private readonly config: HubbubConfig,
  ) {}

  /**
   * A page as the members of a JSON object, without its braces: `"epoch":…,"messages":[…],"has_more":…`. Text, as the
   * messages keep every character of their content.
   * @throws HubbubError RoomNotFound, Forbidden, InvalidFormat (both bounds), ServerError
   */
  async page(
    roomId: string,
    { before, after, limit = this.config.history.page }: HistoryRange,
    caller: Caller,
  ): Promise<string> {
    if (before !== undefined && after !== undefined) {
      throw new HubbubError('InvalidFormat', {
        details: [{ path: '', message: 'must not have both before and after' }],
      });
    }
    const room = await this.requireReader(roomId, caller);
    const { epoch, messages, hasMore } = await this.log.history(roomId, { limit, before, after });
    // Deleted and made again in between: what was read is of a room that he may not be admitted to.
    if (epoch !== room.epoch) throw new HubbubError('RoomNotFound');
    const texts = messages.map((message) => encodeRoomMessage(message, { historic: true })).join(',');
    return `"epoch":${JSON.stringify(epoch)},"messages":[${texts}],"has_more":${hasMore}`;
  }

  /** @throws HubbubError RoomNotFound, Forbidden unless the caller may join the room, ServerError */
  requireReader(roomId: string, caller: Caller): Promise<RoomInfo> {
    if (caller === null) return this.rooms.get(roomId);
    return this.rooms.with(roomId, caller.userId, (room, role) => {
      requireAdmission(caller, room, role);
      return room;
    });
  }
}
