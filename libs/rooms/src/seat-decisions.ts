import { HubbubError, type RoomRole } from '@hubbub/protocol';
import { hold } from './condition.js';
import { CAPACITY } from './places.js';
import { isAdmitted, roleMissing, type Visibility } from './policy.js';

/** What this node wants done about a user's seat at it. */
export type SeatOp =
  | { readonly kind: 'take'; readonly roomId: string; readonly userId: string; readonly wanted: WantedSeat }
  | { readonly kind: 'release'; readonly roomId: string; readonly userId: string };

export interface WantedSeat {
  readonly epoch: string;
  readonly username: string;
  readonly admin: boolean;
}

/** A user in a room, at some node. */
export interface Attendee {
  readonly userId: string;
  readonly username: string;
  /** Unix ms. */
  readonly joinedAt: number;
}

/** What one node did to the seats of a room, all at once. */
export interface SeatsChange {
  readonly roomId: string;
  readonly epoch: string;
  readonly version: number;
  readonly joined: readonly Attendee[];
  /** Users whose seat at the node is free. */
  readonly left: readonly string[];
}

/** A seat that is taken or free now, by the state of the room with this number; or why it is not. */
export type SeatOutcome = { readonly version: number; readonly joinedAt: number } | HubbubError;

/** What is stored about a room that ops are about, locked. */
export interface StoredAttendance {
  readonly roomId: string;
  readonly epoch: string;
  readonly version: number;
  readonly members: number;
  readonly ownerId: string | null;
  readonly visibility: Visibility;
  readonly maxClients: number;
  /** Of the users whom the ops are about; `none` where there is nothing. */
  readonly roles: ReadonlyMap<string, RoomRole>;
  /** Of the users whom the ops are about: user id → node id → joined at. */
  readonly seats: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export interface Decided {
  /** In the order of the ops. */
  readonly outcomes: readonly SeatOutcome[];
  /** Rooms whose seats are others now, with how many members they have. */
  readonly changes: readonly (SeatsChange & { readonly members: number })[];
}

/** Decides the ops of one node, at most one for each user of a room. Pure; those for one room in their order. */
export function decideSeats(
  ops: readonly SeatOp[],
  rooms: ReadonlyMap<string, StoredAttendance>,
  nodeId: string,
  now: number,
): Decided {
  const drafts = new Map<string, Draft>();
  const outcomes = ops.map((op): SeatOutcome => {
    const room = rooms.get(op.roomId);
    if (room === undefined) return notThere(op);
    let draft = drafts.get(op.roomId);
    if (draft === undefined) drafts.set(op.roomId, (draft = new Draft(room, nodeId, now)));
    return op.kind === 'take' ? draft.take(op.userId, op.wanted) : draft.release(op.userId);
  });
  const changes = [...drafts.values()].flatMap((draft) => draft.change() ?? []);
  const versions = new Map(changes.map(({ roomId, version }) => [roomId, version]));
  return {
    changes,
    outcomes: outcomes.map((outcome, index) => {
      const version = versions.get(ops[index]?.roomId ?? '');
      return outcome instanceof HubbubError || version === undefined ? outcome : { ...outcome, version };
    }),
  };
}

/** The seats of a room that was deleted are free. */
function notThere({ kind }: SeatOp): SeatOutcome {
  return kind === 'take' ? new HubbubError('RoomNotFound') : { version: 0, joinedAt: 0 };
}

/** One room while the ops are gone through. */
class Draft {
  private readonly joined: Attendee[] = [];
  private readonly left: string[] = [];
  private members: number;

  constructor(
    private readonly room: StoredAttendance,
    private readonly nodeId: string,
    private readonly now: number,
  ) {
    this.members = room.members;
  }

  take(userId: string, { epoch, username, admin }: WantedSeat): SeatOutcome {
    const { room } = this;
    if (room.epoch !== epoch) return new HubbubError('RoomNotFound');
    const role = room.ownerId === userId ? 'owner' : (room.roles.get(userId) ?? 'none');
    if (!isAdmitted({ role, admin }, room.visibility)) return roleMissing();
    const seats = room.seats.get(userId);
    const joinedAt = seats === undefined ? this.now : Math.min(this.now, ...seats.values());
    if (seats?.has(this.nodeId)) return { version: room.version, joinedAt };
    const { members } = this;
    const arrival = { members, maxClients: room.maxClients, isMember: seats !== undefined };
    if (!hold(CAPACITY, arrival)) return new HubbubError('RoomFull');
    if (seats === undefined) this.members++;
    this.joined.push({ userId, username, joinedAt });
    return { version: room.version, joinedAt };
  }

  release(userId: string): SeatOutcome {
    const seats = this.room.seats.get(userId);
    if (seats?.has(this.nodeId)) {
      this.left.push(userId);
      if (seats.size === 1) this.members--;
    }
    return { version: this.room.version, joinedAt: 0 };
  }

  change(): (SeatsChange & { members: number }) | null {
    const { roomId, epoch, version } = this.room;
    const { joined, left, members } = this;
    if (joined.length + left.length === 0) return null;
    return { roomId, epoch, version: version + 1, joined, left, members };
  }
}
