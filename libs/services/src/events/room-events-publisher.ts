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
    if (seq === undefined) this.events.send(passingMessageSubject(roomId), encodePassing(message));
    else if (!this.outbox.enabled) {
      this.events.publish('room_message', roomId, encodeRoomMessage({ ...message, seq, redacted: false }));
    }
  }
}

/** `data` of a `room_message` without a number. */
function encodePassing({
  roomId,
  epoch,
  senderId,
  senderName,
  contentJson,
  timestamp,
  ephemeral,
}: PostedMessage): string {
  return (
    `{"room_id":${JSON.stringify(roomId)},"epoch":${JSON.stringify(epoch)}` +
    `,"sender_id":${JSON.stringify(senderId)},"sender_name":${JSON.stringify(senderName)}` +
    `,"content":${contentJson},"timestamp":${timestamp}${ephemeral ? ',"ephemeral":true' : ''}}`
  );
}
