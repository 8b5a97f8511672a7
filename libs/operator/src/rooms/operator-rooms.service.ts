import { Control, NodeInfo } from '@hubbub/bus';
import { MessageLog } from '@hubbub/messages';
import { HubbubError, type Room } from '@hubbub/protocol';
import { type CreatedCursor, RoomListing, RoomSurvey, wireRoom } from '@hubbub/rooms';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { missing } from '../gathered.js';
import { RoomRanking } from './room-ranking.js';

export interface RoomsQuery {
  readonly sort?: 'name' | 'created' | 'members' | 'traffic' | undefined;
  readonly prefix?: string | undefined;
  /** `next_cursor` of the page before, in the same order. */
  readonly cursor?: string | undefined;
  /** 1–200. */
  readonly limit?: number | undefined;
}

interface Page {
  readonly rooms: readonly Room[];
  readonly nextCursor?: string;
  /** Nodes whose part in the order is missing. */
  readonly unconfirmed?: readonly string[];
}

/** Seats of a room at one node. */
export interface NodeMembers {
  readonly node_id: string;
  readonly members: number;
}

const CONTROL = 'operator.room';
const LIMIT = 50;
const MAX_ROLES = 200;

/** Rooms for who runs the nodes: in several orders, with their traffic and where their members are. */
@Injectable()
export class OperatorRooms implements OnModuleInit {
  constructor(
    private readonly control: Control,
    private readonly node: NodeInfo,
    private readonly listing: RoomListing,
    private readonly survey: RoomSurvey,
    private readonly ranking: RoomRanking,
    private readonly log: MessageLog,
  ) {}

  onModuleInit(): void {
    this.control.handle(
      CONTROL,
      ({ roomId }: { roomId: string }): NodeMembers => ({
        node_id: this.node.nodeId,
        members: this.survey.seatsHere(roomId),
      }),
    );
  }

  /** @throws HubbubError InvalidFormat for a cursor that was never given, ServerError */
  async list(query: RoomsQuery) {
    const { rooms, nextCursor, unconfirmed: unranked = [] } = await this.page(query);
    const rates = await this.ranking.ratesOf(rooms.map(({ id }) => id));
    return {
      rooms: rooms.map((room) => ({ ...room, message_rate: rates.of(room.id) })),
      ...(nextCursor === undefined ? {} : { next_cursor: nextCursor }),
      ...missing([...new Set([...unranked, ...rates.unconfirmed])]),
    };
  }

  /** @throws HubbubError RoomNotFound, ServerError */
  async get(roomId: string) {
    const info = await this.survey.get(roomId);
    const [count, { seq, epoch }, roles, rates, { results, unconfirmed }] = await Promise.all([
      this.survey.counts([roomId]),
      this.log.head(roomId),
      this.survey.roles(roomId, MAX_ROLES + 1),
      this.ranking.ratesOf([roomId]),
      this.control.call<NodeMembers>(CONTROL, { roomId }),
    ]);
    return {
      room: wireRoom(info, count(roomId)),
      epoch,
      seq,
      message_rate: rates.of(roomId),
      roles: roles.slice(0, MAX_ROLES).map(({ userId, role }) => ({ user_id: userId, role })),
      roles_more: roles.length > MAX_ROLES,
      nodes: results.filter(({ members }) => members > 0).sort((a, b) => (a.node_id < b.node_id ? -1 : 1)),
      ...missing(unconfirmed),
    };
  }

  private async page({ sort = 'name', prefix, cursor, limit = LIMIT }: RoomsQuery): Promise<Page> {
    if (sort === 'created') return this.newest({ limit, prefix, cursor });
    if (sort === 'name') {
      return this.listing.list(
        { limit, ...(prefix === undefined ? {} : { prefix }), ...(cursor === undefined ? {} : { cursor }) },
        null,
      );
    }
    if (cursor !== undefined) throw wrongCursor('the largest rooms have one page');
    const { ids, unconfirmed } = await this.ranking.top(sort, limit, prefix);
    return { rooms: await this.survey.describe(ids), unconfirmed };
  }

  private async newest({ limit, prefix, cursor }: { limit: number } & Pick<RoomsQuery, 'prefix' | 'cursor'>) {
    const after = cursor === undefined ? undefined : readCursor(cursor);
    const found = await this.survey.newest({ limit: limit + 1, prefix, after });
    const rooms = found.slice(0, limit);
    const last = rooms.at(-1);
    return found.length > limit && last ? { rooms, nextCursor: cursorOf(last) } : { rooms };
  }
}

function cursorOf({ created_at: createdAt, id }: Room): string {
  return Buffer.from(`${createdAt} ${id}`).toString('base64url');
}

function readCursor(cursor: string): CreatedCursor {
  const [, at, id] = /^(\d{1,16}) (\S{1,128})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (at === undefined || id === undefined) throw wrongCursor('must be a next_cursor');
  return { createdAt: Number(at), id };
}

function wrongCursor(message: string): HubbubError {
  return new HubbubError('InvalidFormat', { details: [{ path: '/cursor', message }] });
}
