import { encodeRoomMessage, Outbox } from '@hubbub/messages';
import { passingMessageSubject } from '@hubbub/protocol';
import { OnMessage, type PostedMessage, RoomEvents } from '@hubbub/rooms';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Events } from './events.service.js';

/** Publishes what happens in rooms, but for what leaves through the outbox. */
@Injectable()
export class RoomEventsPublisher implements OnModuleInit {
  constructor(
    private readonly rooms: RoomEvents,
    private readonly events: Events,
    private readonly outbox: Outbox,
  ) {}

  onModuleInit(): void {
    this.rooms.publishTo(this.events);
  }

  @OnMessage()
  posted(message: PostedMessage): void {
    const { roomId, seq } = message;
    if (!this.events.isHeard) return;
    if (seq === undefined) this.events.send(passingMessageSubject(roomId), encodeRoomMessage(message));
    else if (!this.outbox.enabled) this.events.publish('room_message', roomId, encodeRoomMessage(message));
  }
}
