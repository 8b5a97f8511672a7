import { HubbubConfig } from '@hubbub/config';
import { DirectMessages, UserDirectory } from '@hubbub/messages';
import { HubbubError } from '@hubbub/protocol';
import { RoomHistory, RoomPosting } from '@hubbub/rooms';
import { RawJson } from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { exactText } from './exact-text.js';
import { senderOf } from './service-caller.js';
import { ServiceCommands, type ServiceHandlers } from './service-commands.js';

/** What services post and read. */
@Injectable()
export class MessageCommands implements OnModuleInit {
  constructor(
    private readonly commands: ServiceCommands,
    private readonly posting: RoomPosting,
    private readonly history: RoomHistory,
    private readonly directMessages: DirectMessages,
    private readonly users: UserDirectory,
    private readonly config: HubbubConfig,
  ) {}

  onModuleInit(): void {
    this.commands.handle(this.table);
  }

  private readonly table: ServiceHandlers = {
    room_message: async ({ room_id: roomId, idempotency_key: idempotencyKey, ephemeral, content, ...data }, call) => {
      const sender = senderOf(data, call.caller);
      const contentJson = exactText('content', content, call, this.config.limits);
      const exclude = [...(data.exclude ?? []), ...(data.exclude_sender === true ? [sender.senderId] : [])];
      const message = { ...sender, contentJson, idempotencyKey, ephemeral, exclude };
      const { seq, epoch, timestamp, duplicate } = await this.posting.fromOutside(roomId, message, call.caller);
      const place = { room_id: roomId, ...(seq === undefined ? {} : { seq }), epoch, timestamp };
      return duplicate ? { ...place, duplicate } : place;
    },
    room_history: async ({ room_id: roomId, ...range }, { caller }) => {
      const page = await this.history.page(roomId, range, caller);
      return new RawJson(`{"room_id":${JSON.stringify(roomId)},${page}}`);
    },
    direct_message: async ({ target_id: targetId, idempotency_key: idempotencyKey, content, ...data }, call) => {
      const sender = senderOf(data, call.caller);
      const contentJson = exactText('content', content, call, this.config.limits);
      if (this.config.auth.localOnly && !(await this.users.exists(targetId))) throw new HubbubError('ClientNotFound');
      return this.directMessages.send({ ...sender, targetId, contentJson, idempotencyKey }, null).promise();
    },
  };
}
