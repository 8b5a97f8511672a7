import { ClusterClock } from '@hubbub/cluster';
import { type Appended, encodeRoomMessage, MessageLog } from '@hubbub/messages';
import { HubbubError } from '@hubbub/protocol';
import { type Connection, Deferred, Hooks, Push } from '@hubbub/transport';
import { Injectable } from '@nestjs/common';
import { type Caller, requireAdmission } from './actor.js';
import type { PostedMessage } from './hooks.js';
import { RoomMembership } from './membership.service.js';
import { roleMissing } from './policy.js';
import { RoomChannels } from './room-channels.js';
import { RoomDirectory } from './room-directory.js';
import { omitting, RoomExchange } from './room-exchange.js';
import type { RoomInfo } from './room-info.js';
import { RoomRules } from './room-rules.service.js';

export interface NewMessage {
  readonly senderId: string;
  readonly senderName: string;
  /** JSON text; comes back to the character. */
  readonly contentJson: string;
  /** Of this sender in this room: within 24 hours the same key posts once. Not looked at where nothing is kept. */
  readonly idempotencyKey?: string;
  /** Neither numbered nor kept; the first to be dropped for a slow consumer. */
  readonly ephemeral?: boolean;
  /** Users who do not get it. Only of what has no number: members count the others. */
  readonly exclude?: readonly string[];
}

export interface Posted {
  /** Absent for what is not kept. */
  readonly seq?: number;
  readonly epoch: string;
  /** Unix ms. */
  readonly timestamp: number;
  /** The key was known: this is the first message with it, and nothing was posted. */
  readonly duplicate: boolean;
}

/** Posts to rooms: through the log where the room keeps history, and then through the room's channel. */
@Injectable()
export class RoomPosting {
  constructor(
    private readonly log: MessageLog,
    private readonly rooms: RoomDirectory,
    private readonly channels: RoomChannels,
    private readonly membership: RoomMembership,
    private readonly exchange: RoomExchange,
    private readonly hooks: Hooks,
    private readonly clock: ClusterClock,
    private readonly rules: RoomRules,
  ) {}

  /**
   * Posts for a connection that is in the room. Settles at the message's place among the room's pushes to it.
   * Rejects with HubbubError NotInRoom, RoomNotFound, RateLimited, ServerError (nothing was stored).
   */
  fromMember(roomId: string, message: NewMessage, connection: Connection): Deferred<Posted> {
    const room = this.rooms.peek(roomId);
    if (room === undefined || !this.membership.has(roomId, connection)) return this.refuse(roomId);
    const tooMany = this.rules.refusal(roomId, message.senderId, connection.identity);
    if (tooMany !== null) return Deferred.rejected(tooMany);
    return this.post(room, message, connection);
  }

  /**
   * Posts without being in the room, to all its connections.
   * @param caller null for the application itself
   * @throws HubbubError RoomNotFound, Forbidden, RateLimited, InvalidFormat (excludes somebody from a stored message), ServerError
   *   (nothing was stored)
   */
  async fromOutside(roomId: string, message: NewMessage, caller: Caller): Promise<Posted> {
    const posted = await this.rooms.with(roomId, message.senderId, (room, role) => {
      requireAdmission(caller, room, role);
      // In the name of another, who may not post by any way.
      if (role === 'banned' && caller !== null && caller.userId !== message.senderId) throw roleMissing();
      if (message.exclude?.length && isStored(room, message)) throw cannotExclude();
      const tooMany = this.rules.refusal(roomId, message.senderId, caller);
      if (tooMany !== null) throw tooMany;
      return { answer: this.post(room, message, null) };
    });
    return posted.answer.promise();
  }

  private refuse(roomId: string): Deferred<Posted> {
    const refused = new Deferred<Posted>();
    this.rooms.get(roomId).then(
      () => refused.reject(new HubbubError('NotInRoom')),
      (error: unknown) => refused.reject(error),
    );
    return refused;
  }

  private post(room: RoomInfo, message: NewMessage, sender: Connection | null): Deferred<Posted> {
    return isStored(room, message) ? this.append(room, message, sender) : this.pass(room, message, sender);
  }

  private append(room: RoomInfo, message: NewMessage, sender: Connection | null): Deferred<Posted> {
    const { senderId, senderName, contentJson, idempotencyKey } = message;
    const answer = new Deferred<Posted>();
    const storing = sender === null ? null : this.exchange.begin(room.id, senderId);
    this.log
      .append({ roomId: room.id, epoch: room.epoch, senderId, senderName, contentJson, idempotencyKey })
      .onSettled((error, appended) => {
        try {
          if (appended === undefined) answer.reject(error);
          else this.stored(room.id, message, appended, sender, answer);
        } finally {
          storing?.resolve();
        }
      });
    return answer;
  }

  private stored(
    roomId: string,
    message: NewMessage,
    appended: Appended,
    sender: Connection | null,
    answer: Deferred<Posted>,
  ): void {
    const { seq, epoch, timestamp, duplicate } = appended;
    const placed = () => {
      answer.resolve({ seq, epoch, timestamp, duplicate });
      if (!duplicate) this.announce(roomId, message, appended, sender);
    };
    const { senderId, senderName, contentJson } = message;
    const logged = { roomId, epoch, seq, senderId, senderName, contentJson, timestamp, redacted: false };
    if (!duplicate) this.exchange.tell(logged);
    const channel = this.channels.get(roomId);
    // Nobody here is in the room, or it is another one of that name by now.
    if (channel?.epoch !== epoch) return placed();
    if (duplicate) {
      // Stored by another node, perhaps, and not heard of here.
      channel.expect(seq);
      channel.whenReached(seq, placed);
    } else {
      channel.offer({ message: logged, sender, answer, placed });
    }
    if (channel.isBehind) this.channels.repair(roomId);
  }

  /** At most once, without a number: to those who are here now. */
  private pass(room: RoomInfo, message: NewMessage, sender: Connection | null): Deferred<Posted> {
    const answer = new Deferred<Posted>();
    const posted = { epoch: room.epoch, timestamp: this.clock.now() };
    const placed = () => {
      answer.resolve({ ...posted, duplicate: false });
      this.announce(room.id, message, posted, sender);
    };
    let push: Push | null = null;
    const encode = () => (push ??= passing(room.id, message, posted));
    const { exclude = [] } = message;
    if (this.exchange.isShared) this.exchange.tellPassing(room, encode(), exclude);
    const channel = this.channels.get(room.id);
    if (channel === undefined) placed();
    else channel.pass(encode, sender, placed, omitting(exclude));
    return answer;
  }

  private announce(
    roomId: string,
    message: NewMessage,
    posted: { seq?: number; epoch: string; timestamp: number },
    sender: Connection | null,
  ): void {
    if (!this.hooks.has('room.message')) return;
    const { senderId, senderName, contentJson } = message;
    const { seq, epoch, timestamp } = posted;
    const ephemeral = message.ephemeral === true;
    const event: PostedMessage = { roomId, epoch, seq, senderId, senderName, contentJson, timestamp, ephemeral };
    void this.hooks.run('room.message', event, sender);
  }
}

function isStored(room: RoomInfo, message: NewMessage): boolean {
  return !message.ephemeral && room.history !== 'none';
}

function cannotExclude(): HubbubError {
  const message = 'only of a message without a number: of the others every member counts every one';
  return new HubbubError('InvalidFormat', { details: [{ path: '/exclude', message }] });
}

/** A message that is neither numbered nor kept. */
function passing(roomId: string, message: NewMessage, posted: { epoch: string; timestamp: number }): Push {
  const { senderId, senderName, contentJson, ephemeral } = message;
  const { epoch, timestamp } = posted;
  const text = encodeRoomMessage({ roomId, epoch, senderId, senderName, contentJson, timestamp, ephemeral });
  return new Push('room_message', text, { droppable: true });
}
