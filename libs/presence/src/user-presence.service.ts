import { Control } from '@hubbub/bus';
import { HubbubError, type ServiceReply } from '@hubbub/protocol';
import { Rooms } from '@hubbub/rooms';
import { Connections } from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { newest, type Register } from './member-list.js';
import { PresenceState } from './presence-state.js';

type Presence = ServiceReply<'presence'>['users'][number];

const CONTROL = 'presence.users';
/** Well below what a bus carries, as a user may be in many rooms with long names. */
const PART_BYTES = 256 * 1024;
/** Of the answer to who asked, which a broker may have to carry too. */
const MAX_ANSWER_BYTES = 512 * 1024;

/** What one node has of a user. */
interface Part {
  readonly userId: string;
  readonly connections: number;
  readonly state: Register | null;
  /** The rooms that he has a place in there, with his state in each. */
  readonly rooms: readonly (readonly [roomId: string, state: Register | null])[];
}

/** The parts of those users whom the node knows, among the first `covered` of whom it was asked. */
interface Parts {
  readonly covered: number;
  readonly parts: readonly Part[];
}

/** Where users are and in which state, as all nodes together know it. */
@Injectable()
export class UserPresence implements OnModuleInit {
  constructor(
    private readonly control: Control,
    private readonly connections: Connections,
    private readonly rooms: Rooms,
    private readonly state: PresenceState,
  ) {}

  onModuleInit(): void {
    this.control.handle(CONTROL, ({ userIds }: { userIds: readonly string[] }) => this.partsHere(userIds));
  }

  /**
   * The users in the order asked for, and the nodes that did not say what they know of them.
   * @throws HubbubError MessageTooLarge
   */
  async of(userIds: readonly string[]): Promise<{ users: Presence[]; unconfirmed: string[] }> {
    const byUser = new Map<string, Part[]>();
    const unconfirmed = new Set<string>();
    for (let rest = [...new Set(userIds)]; rest.length > 0; ) {
      const asked = await this.control.call<Parts>(CONTROL, { userIds: rest });
      for (const nodeId of asked.unconfirmed) unconfirmed.add(nodeId);
      // One page of the parts of all nodes: no further than the one that broke off first.
      const covered = Math.min(rest.length, ...asked.results.map((result) => result.covered));
      const page = new Map(rest.splice(0, covered).map((userId) => [userId, [] as Part[]]));
      for (const part of asked.results.flatMap(({ parts }) => parts)) page.get(part.userId)?.push(part);
      for (const [userId, parts] of page) byUser.set(userId, parts);
    }
    const users = userIds.map((userId) => join(userId, byUser.get(userId) ?? []));
    if (Buffer.byteLength(JSON.stringify(users)) > MAX_ANSWER_BYTES) {
      throw new HubbubError('MessageTooLarge', { message: 'The answer is too large: ask for fewer users.' });
    }
    return { users, unconfirmed: [...unconfirmed] };
  }

  private partsHere(userIds: readonly string[]): Parts {
    const parts: Part[] = [];
    let bytes = 0;
    for (const [covered, userId] of userIds.entries()) {
      if (bytes > PART_BYTES) return { covered, parts };
      const part = this.partHere(userId);
      if (part === null) continue;
      parts.push(part);
      bytes += Buffer.byteLength(JSON.stringify(part));
    }
    return { covered: userIds.length, parts };
  }

  private partHere(userId: string): Part | null {
    const connections = this.connections.ofUser(userId).size;
    const roomIds = [...this.rooms.roomsOf(userId)];
    if (connections === 0 && roomIds.length === 0) return null;
    const rooms = roomIds.map((roomId) => [roomId, this.state.news(roomId, [userId])[0]?.state ?? null] as const);
    return { userId, connections, state: this.state.userState(userId), rooms };
  }
}

/** One user of the parts of all nodes: of his states the newest of each room. */
function join(userId: string, parts: readonly Part[]): Presence {
  const connections = parts.reduce((sum, part) => sum + part.connections, 0);
  const state = parts.reduce<Register | null>((latest, part) => newest(latest, part.state), null);
  const rooms = new Map<string, Register | null>();
  for (const [roomId, said] of parts.flatMap((part) => part.rooms)) {
    rooms.set(roomId, newest(rooms.get(roomId) ?? null, said));
  }
  return {
    user_id: userId,
    online: connections > 0,
    connections,
    ...stateOf(state),
    rooms: [...rooms].map(([room_id, said]) => ({ room_id, ...stateOf(said) })),
  };
}

function stateOf(register: Register | null): { state?: Record<string, unknown> } {
  return register === null ? {} : { state: JSON.parse(register.json) as Record<string, unknown> };
}
