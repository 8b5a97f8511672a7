import type { Member, Room, RoomMessage } from '@hubbub/protocol';

/** `GET /api/operator/rooms`. */
export interface RoomsAnswer {
  /** `message_rate` per second, over the last minute and all nodes. */
  readonly rooms: readonly (Room & { readonly message_rate: number })[];
  readonly next_cursor?: string;
  readonly unconfirmed?: readonly string[];
}

export type GivenRole = 'moderator' | 'member' | 'invited' | 'banned';

/** `GET /api/operator/rooms/:id`. */
export interface RoomAnswer {
  readonly room: Room;
  readonly epoch: string;
  readonly seq: number;
  readonly message_rate: number;
  /** The first 200. */
  readonly roles: readonly { readonly user_id: string; readonly role: GivenRole }[];
  readonly roles_more: boolean;
  readonly nodes: readonly { readonly node_id: string; readonly members: number }[];
  readonly unconfirmed?: readonly string[];
}

export interface MembersAnswer {
  readonly members: readonly Member[];
  readonly member_count: number;
  readonly next_cursor?: string;
}

export interface HistoryAnswer {
  readonly messages: readonly RoomMessage[];
  readonly epoch: string;
  readonly has_more: boolean;
}
