import { Control } from '@hubbub/bus';
import { type ErrorBody, HubbubError, isHubbubError } from '@hubbub/protocol';
import { type Connection, Connections, Push } from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Attendance } from './attendance.js';
import { joinReply } from './join-reply.js';
import { type Joined, RoomJoins } from './joins.service.js';
import { RoomMembers } from './members.service.js';
import { RoomMembership } from './membership.service.js';
import { RoomDirectory } from './room-directory.js';

const JOIN = 'rooms.join_user';
const LEAVE = 'rooms.leave_user';

interface Place {
  readonly roomId: string;
  readonly userId: string;
}

interface Refused {
  readonly connection_id: string;
  readonly error: ErrorBody;
}

/** What became of the connections of a user at one node. */
interface Arrivals {
  readonly joined: number;
  /** In the room before. */
  readonly already: number;
  readonly refused: readonly Refused[];
}

/** `seat`: whether the user had a place at that node, if only one that the grace kept. */
interface Departures {
  readonly left: number;
  readonly seat: boolean;
}

/** Which nodes it holds for. */
interface Reach {
  readonly nodes: number;
  readonly unconfirmed: readonly string[];
}

/**
 * Lets users into rooms and takes them out, all their connections at whichever node, as if those had asked: the same rules
 * but for the permission, and the same answer, as a push.
 */
@Injectable()
export class RoomPlacement implements OnModuleInit {
  constructor(
    private readonly control: Control,
    private readonly connections: Connections,
    private readonly rooms: RoomDirectory,
    private readonly joins: RoomJoins,
    private readonly membership: RoomMembership,
    private readonly members: RoomMembers,
    private readonly attendance: Attendance,
  ) {}

  onModuleInit(): void {
    this.control.handle(JOIN, (place: Place & { history?: number }) => this.joinHere(place));
    this.control.handle(LEAVE, (place: Place) => this.leaveHere(place));
  }

  /**
   * @param options `history`: as that of `join_room`
   * @throws HubbubError RoomNotFound; ClientOffline if he has no connection, and all nodes have said so; whatever all his
   *   connections were refused with, where none is in the room
   */
  async join(roomId: string, userId: string, options: { readonly history?: number | undefined } = {}) {
    await this.rooms.get(roomId);
    const { results, nodes, unconfirmed } = await this.control.call<Arrivals>(JOIN, { roomId, userId, ...options });
    const joined = sum(results, (node) => node.joined);
    const already = sum(results, (node) => node.already);
    const refused = results.flatMap((node) => node.refused);
    if (joined + already === 0) {
      if (refused[0] === undefined && unconfirmed.length === 0) throw new HubbubError('ClientOffline');
      refuseAll(refused);
    }
    return { joined, already, refused, nodes, unconfirmed };
  }

  /** @throws HubbubError RoomNotFound; NotInRoom if he has no place, and all nodes have said so */
  async leave(roomId: string, userId: string): Promise<Reach & { readonly left: number }> {
    await this.rooms.get(roomId);
    const { results, nodes, unconfirmed } = await this.control.call<Departures>(LEAVE, { roomId, userId });
    if (unconfirmed.length === 0 && !results.some(({ seat }) => seat)) throw new HubbubError('NotInRoom');
    return { left: sum(results, ({ left }) => left), nodes, unconfirmed };
  }

  private async joinHere({ roomId, userId, history }: Place & { history?: number }): Promise<Arrivals> {
    const arrivals = { joined: 0, already: 0, refused: [] as Refused[] };
    const enter = async (connection: Connection) => {
      try {
        await this.joins.join(connection, roomId, { history }, (joined) => this.tell(connection, joined));
        arrivals.joined++;
      } catch (error) {
        if (!isHubbubError(error)) throw error;
        if (error.name === 'AlreadyInRoom') arrivals.already++;
        // One that has ended meanwhile is none of his any more.
        else if (!connection.hasEnded) arrivals.refused.push({ connection_id: connection.id, error: error.toJSON() });
      }
    };
    await Promise.all([...this.connections.ofUser(userId)].map(enter));
    return arrivals;
  }

  private tell(connection: Connection, joined: Joined): void {
    const { text } = joinReply(joined, this.members, connection.identity?.userId);
    connection.send(new Push('room_joined', text));
  }

  private async leaveHere({ roomId, userId }: Place): Promise<Departures> {
    const seat = this.membership.seat(roomId, userId);
    if (seat === undefined) return { left: 0, seat: false };
    const connections = [...seat.connections];
    const push = Push.of('room_left', { room_id: roomId, status: 'left' });
    for (const connection of connections) {
      this.membership.leave(roomId, connection);
      connection.send(push);
    }
    this.membership.freeKept(roomId, userId);
    // Whoever is told of it may come next, at another node.
    await this.attendance.freed(roomId, userId);
    return { left: connections.length, seat: true };
  }
}

function sum<T>(results: readonly T[], of: (result: T) => number): number {
  return results.reduce((total, result) => total + of(result), 0);
}

/** @throws HubbubError if there is one that all of them are */
function refuseAll(refused: readonly Refused[]): void {
  const first = refused[0]?.error;
  if (first === undefined || refused.some(({ error }) => error.name !== first.name)) return;
  const { name, message, details, retry_after_ms: retryAfterMs } = first;
  throw new HubbubError(name, {
    message,
    ...(details === undefined ? {} : { details }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
