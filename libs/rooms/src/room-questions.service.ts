import { HubbubConfig } from '@hubbub/config';
import { MessageLog } from '@hubbub/messages';
import { HubbubError, isHubbubError, type RoomRole } from '@hubbub/protocol';
import { Database } from '@hubbub/storage';
import { Injectable } from '@nestjs/common';
import { actorOf } from './actor.js';
import { hold } from './condition.js';
import { RoomMembers } from './members.service.js';
import { RoomModeration } from './moderation.service.js';
import { CAPACITY, FREE_ID, IN_ROOM, NOT_YET_IN, ROOMS_OF_CONNECTION, ROOMS_OF_USER } from './places.js';
import { ACTION_ON_ANOTHER, ADMISSION, GIVING, OWNERSHIP, REDACTION } from './policy.js';
import { type Attempt, needed, passes, type Question, questionsOf, type Ruling } from './question.js';
import { RoomDirectory } from './room-directory.js';
import type { RoomInfo } from './room-info.js';
import { RoomRules } from './room-rules.service.js';
import { roomStore } from './room-store.js';

/** A room with the caller's role in it, once it was asked whether there is one. */
interface Found {
  readonly room: Pick<RoomInfo, 'epoch' | 'visibility' | 'maxClients'>;
  readonly role: RoomRole;
}

/** Asks whether there is the room, and has it for the questions that follow. */
interface Existence {
  readonly question: Question;
  readonly found: () => Found;
}

/** A room that a join makes: its owner is let in whatever it is like. */
const OWN: Found = { room: { epoch: '', visibility: 'public', maxClients: 0 }, role: 'owner' };

/**
 * What commands ask of rooms before they do anything, in their order: the conditions by which the services decide, so that
 * a decision can be explained without being made. How often somebody may is not among them.
 */
@Injectable()
export class RoomQuestions {
  constructor(
    private readonly config: HubbubConfig,
    private readonly database: Database,
    private readonly log: MessageLog,
    private readonly rooms: RoomDirectory,
    private readonly members: RoomMembers,
    private readonly moderation: RoomModeration,
    private readonly rules: RoomRules,
  ) {}

  /** None where a command asks nothing of rooms. @throws HubbubError InvalidFormat for what the attempt leaves out */
  of(command: string, attempt: Attempt): Question[] {
    switch (command) {
      case 'create_room':
        return this.ofCreating(attempt);
      case 'join_room':
        return this.ofJoining(attempt);
      case 'leave_room':
      case 'room_message':
        return [this.existence(attempt).question, ...questionsOf(IN_ROOM, () => standing(attempt))];
      case 'room_history':
      case 'room_members':
        return this.ofReading(attempt);
      case 'mark_read':
        return attempt.roomId === undefined ? [] : this.ofReading(attempt);
      case 'set_presence':
        return attempt.roomId === undefined ? [] : this.ofShowing(attempt);
      case 'update_room':
      case 'delete_room':
        return this.ofOwning(attempt);
      case 'set_member':
        return this.ofGiving(attempt);
      case 'kick_member':
        return this.ofKicking(attempt);
      case 'redact_message':
        return this.ofRedacting(attempt);
      default:
        return [];
    }
  }

  private ofCreating({ caller, roomId }: Attempt): Question[] {
    const id = async () => ({
      exists: await this.database.read(async (manager) => (await roomStore.find(manager, roomId ?? '')) !== null),
    });
    return [
      ...(roomId === undefined ? [] : questionsOf(FREE_ID, id)),
      ...questionsOf(ROOMS_OF_USER, () => this.owned(caller.userId)),
    ];
  }

  private ofJoining(attempt: Attempt): Question[] {
    const roomId = needed(attempt.roomId, 'room_id');
    const { question, found } = this.existence(attempt, () => this.making(roomId, attempt));
    const arrival = async () => ({
      members: await this.members.count(roomId),
      maxClients: found().room.maxClients,
      isMember: await this.members.has(roomId, attempt.caller.userId),
    });
    const count = attempt.rooms.length;
    return [
      ...questionsOf(NOT_YET_IN, () => standing(attempt)),
      question,
      ...this.admission(attempt, found),
      ...questionsOf(ROOMS_OF_CONNECTION, () => ({ count, most: this.config.limits.roomsPerConnection })),
      ...questionsOf(CAPACITY, arrival),
    ];
  }

  /** What comes of joining a room that is none. */
  private async making(roomId: string, { caller }: Attempt): Promise<Ruling> {
    if (!this.rules.createsOnJoin(roomId)) return { because: 'There is no such room.', refusal: notThere() };
    if (!caller.permissions.has('create:room', roomId)) {
      const refusal = new HubbubError('Forbidden', { details: { permission: 'create:room' } });
      return { because: 'There is none, and he may not create it.', refusal };
    }
    if (hold(ROOMS_OF_USER, await this.owned(caller.userId))) return passes('There is none: his join makes it.');
    return { because: 'There is none, and he owns too many to make it.', refusal: new HubbubError('TooManyRooms') };
  }

  private ofReading(attempt: Attempt): Question[] {
    const { question, found } = this.existence(attempt);
    return [question, ...this.admission(attempt, found)];
  }

  private ofShowing(attempt: Attempt): Question[] {
    const { caller, roomId = '' } = attempt;
    const place = async () => ({ isIn: await this.members.has(roomId, caller.userId) });
    return [this.existence(attempt).question, ...questionsOf(IN_ROOM, place)];
  }

  private ofOwning(attempt: Attempt): Question[] {
    const { question, found } = this.existence(attempt);
    return [question, ...questionsOf(OWNERSHIP, () => actorIn(attempt, found()))];
  }

  private ofGiving(attempt: Attempt): Question[] {
    const role = needed(attempt.role, 'role');
    const targetId = needed(attempt.targetId, 'target_id');
    const ask = async (): Promise<Ruling> => {
      if (role === 'none' || (await this.moderation.isKnown(targetId))) return passes('The other can have a role.');
      return { because: 'The other has no account here.', refusal: new HubbubError('ClientNotFound') };
    };
    const giving = async () => ({ ...(await this.encounter(targetId, attempt)), role });
    return [this.existence(attempt).question, ...questionsOf(GIVING, giving), { rule: 'account', ask }];
  }

  private ofKicking(attempt: Attempt): Question[] {
    const targetId = needed(attempt.targetId, 'target_id');
    const place = async () => ({ isIn: await this.members.has(attempt.roomId ?? '', targetId) });
    return [
      this.existence(attempt).question,
      ...questionsOf(ACTION_ON_ANOTHER, () => this.encounter(targetId, attempt)),
      ...questionsOf(IN_ROOM, place),
    ];
  }

  private ofRedacting(attempt: Attempt): Question[] {
    const seq = needed(attempt.seq, 'seq');
    const { question, found } = this.existence(attempt);
    const message = () => this.log.find(attempt.roomId ?? '', seq);
    const redaction = async () => {
      const authorId = (await message())?.senderId ?? '';
      return { ...(await this.encounter(authorId, attempt)), isAuthor: authorId === attempt.caller.userId };
    };
    const ask = async (): Promise<Ruling> => {
      if ((await message())?.epoch === found().room.epoch) return passes('There is such a message.');
      return { because: 'There is no such message.', refusal: new HubbubError('MessageNotFound') };
    };
    return [question, ...questionsOf(REDACTION, redaction), { rule: 'message', ask }];
  }

  private admission(attempt: Attempt, found: () => Found): Question[] {
    return questionsOf(ADMISSION, () => ({ actor: actorIn(attempt, found()), visibility: found().room.visibility }));
  }

  /** @param absent what comes of it where there is none */
  private existence(
    { caller, roomId }: Attempt,
    absent: () => Ruling | Promise<Ruling> = () => ({ because: 'There is no such room.', refusal: notThere() }),
  ): Existence {
    const id = needed(roomId, 'room_id');
    let found = OWN;
    const ask = async () => {
      try {
        found = await this.rooms.with(id, caller.userId, (room, role) => ({ room, role }));
        return passes('There is the room.');
      } catch (error) {
        if (isHubbubError(error) && error.name === 'RoomNotFound') return absent();
        throw error;
      }
    };
    return { question: { rule: 'room', ask }, found: () => found };
  }

  private async encounter(targetId: string, { caller, roomId = '' }: Attempt) {
    const { actor, target } = await this.moderation.read(roomId, targetId, caller);
    return { actor, target };
  }

  private async owned(userId: string) {
    const count = await this.database.read((manager) => roomStore.countOwned(manager, userId));
    return { count, most: this.config.limits.roomsPerUser };
  }
}

function notThere(): HubbubError {
  return new HubbubError('RoomNotFound');
}

function standing({ rooms, roomId = '' }: Attempt) {
  return { isIn: rooms.includes(roomId) };
}

function actorIn({ caller, roomId = '' }: Attempt, { role }: Found) {
  return actorOf(caller, roomId, role);
}
