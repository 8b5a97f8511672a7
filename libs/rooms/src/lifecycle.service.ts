import { randomUUID } from 'node:crypto';
import { ClusterClock } from '@hubbub/cluster';
import { HubbubConfig } from '@hubbub/config';
import { MessageLog } from '@hubbub/messages';
import { HubbubError, MAX_METADATA_BYTES, MAX_NESTING, nestsDeeperThan, RoomId, validate } from '@hubbub/protocol';
import { Database, isUniqueViolation } from '@hubbub/storage';
import { Injectable } from '@nestjs/common';
import { actorId, actorOf, type Caller } from './actor.js';
import { Attendance } from './attendance.js';
import { enforce } from './condition.js';
import { RoomMembers } from './members.service.js';
import { FREE_ID, ROOMS_OF_USER } from './places.js';
import { OWNERSHIP } from './policy.js';
import { RoomChanges } from './room-changes.js';
import { RoomEvents } from './room-events.js';
import { type NewRoom, type RoomInfo, type RoomPatch, wireRoom } from './room-info.js';
import { RoomRules } from './room-rules.service.js';
import { roomStore } from './room-store.js';

const DEFAULT_MAX_CLIENTS = 100;
/** What is left of a frame's levels for metadata. */
const METADATA_NESTING = MAX_NESTING - 2;

/** Makes, changes and deletes rooms. */
@Injectable()
export class RoomLifecycle {
  constructor(
    private readonly config: HubbubConfig,
    private readonly database: Database,
    private readonly log: MessageLog,
    private readonly attendance: Attendance,
    private readonly changes: RoomChanges,
    private readonly members: RoomMembers,
    private readonly events: RoomEvents,
    private readonly clock: ClusterClock,
    private readonly rules: RoomRules,
  ) {}

  /**
   * Makes a room, owned by the caller. Nobody is in it yet.
   * @throws HubbubError RoomAlreadyExists, TooManyRooms, InvalidFormat (a bad id, metadata too large, or against its policy),
   *   ServerError
   */
  async create(asked: NewRoom, caller: Caller): Promise<RoomInfo> {
    const id = asked.id ?? randomUUID();
    // Also of an application's own gateways, which may pass on what a client wrote: an id is written into frames as it is.
    validate(RoomId, id);
    const wanted = this.rules.shape(id, asked);
    checkMetadata(wanted.metadata);
    try {
      return await this.events.transaction(async (manager, tell) => {
        enforce(FREE_ID, { exists: (await roomStore.find(manager, id)) !== null });
        if (caller !== null) {
          const count = await roomStore.countOwned(manager, caller.userId);
          enforce(ROOMS_OF_USER, { count, most: this.config.limits.roomsPerUser });
        }
        const { epoch } = await this.log.create(manager, id);
        const owner = caller === null ? {} : { ownerId: caller.userId };
        const made = { ...roomOf(id, epoch, wanted), createdAt: this.clock.now(), ...owner };
        await roomStore.insert(manager, made);
        await this.attendance.create(manager, made);
        tell('room_created', id, () => ({ ...told(made, 'created', caller), room: wireRoom(made, 0) }));
        return made;
      });
    } catch (error) {
      // Another node made it between the look and the insert.
      if (isUniqueViolation(error)) throw new HubbubError('RoomAlreadyExists', { cause: error });
      throw error;
    }
  }

  /**
   * Changes a room and tells its members. A lower `maxClients` sends nobody out.
   * @throws HubbubError RoomNotFound, Forbidden, InvalidFormat (metadata too large, or against its policy), ServerError
   */
  async update(id: string, patch: RoomPatch, caller: Caller): Promise<RoomInfo> {
    checkMetadata(patch.metadata);
    this.rules.requireAllowed(id, patch);
    const count = await this.members.count(id);
    const { room, version } = await this.events.transaction(async (manager, tell) => {
      const before = await roomStore.lock(manager, id);
      requireOwner(before, caller);
      const after = { ...before, ...given(patch) };
      await roomStore.replace(manager, after);
      const raised = await this.attendance.raise(manager, id);
      tell('room_updated', id, () => {
        return { epoch: after.epoch, actor_id: actorId(caller), room: wireRoom(after, count) };
      });
      return { room: after, version: raised };
    });
    await this.changes.announce({ kind: 'updated', room, version });
    return room;
  }

  /**
   * Deletes a room with its messages. Its members are told, then they are out.
   * @throws HubbubError RoomNotFound, Forbidden, ServerError
   */
  async remove(id: string, caller: Caller): Promise<void> {
    const room = await this.events.transaction(async (manager, tell) => {
      const found = await roomStore.lock(manager, id);
      requireOwner(found, caller);
      await this.attendance.remove(manager, id);
      await this.log.remove(manager, id);
      await roomStore.remove(manager, id);
      tell('room_deleted', id, () => told(found, 'deleted', caller));
      return found;
    });
    await this.changes.announce({ kind: 'deleted', room, version: 0 });
  }

  /** Rooms in the database. */
  count(): Promise<number> {
    return this.database.read((manager) => roomStore.count(manager));
  }
}

/** What happens to a room once: its id says which room and what. */
function told({ epoch }: RoomInfo, what: string, caller: Caller) {
  return { id: `${epoch}:${what}`, epoch, actor_id: actorId(caller) };
}

function roomOf(id: string, epoch: string, wanted: NewRoom): Omit<RoomInfo, 'createdAt'> {
  return {
    id,
    epoch,
    name: wanted.name ?? id,
    visibility: wanted.visibility ?? 'public',
    history: wanted.history ?? 'durable',
    maxClients: wanted.maxClients ?? DEFAULT_MAX_CLIENTS,
    metadata: wanted.metadata ?? {},
  };
}

/** Only the fields that are there and may be changed: whatever else came along with them stays out. */
function given({ name, maxClients, visibility, metadata }: RoomPatch): RoomPatch {
  return {
    ...(name === undefined ? {} : { name }),
    ...(maxClients === undefined ? {} : { maxClients }),
    ...(visibility === undefined ? {} : { visibility }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function requireOwner(room: RoomInfo | null, caller: Caller): asserts room is RoomInfo {
  if (room === null) throw new HubbubError('RoomNotFound');
  const role = caller !== null && room.ownerId === caller.userId ? 'owner' : 'none';
  enforce(OWNERSHIP, actorOf(caller, room.id, role));
}

function checkMetadata(metadata: RoomPatch['metadata']): void {
  if (metadata === undefined) return;
  const fault = metadataFault(metadata);
  if (fault !== null) throw new HubbubError('InvalidFormat', { details: [{ path: '/metadata', message: fault }] });
}

function metadataFault(metadata: object): string | null {
  const tooDeep = `must not nest deeper than ${METADATA_NESTING} levels`;
  let text: string;
  try {
    text = JSON.stringify(metadata);
  } catch {
    // Over HTTP it can be so deep that writing it takes more stack than there is.
    return tooDeep;
  }
  if (Buffer.byteLength(text) > MAX_METADATA_BYTES) return `must be at most ${MAX_METADATA_BYTES} bytes of JSON`;
  return nestsDeeperThan(text, METADATA_NESTING) ? tooDeep : null;
}
