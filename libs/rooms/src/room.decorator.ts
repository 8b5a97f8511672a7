import { RoomId, validate, type Room as WireRoom } from '@hubbub/protocol';
import { type Connection, readsField } from '@hubbub/transport';
import { createParamDecorator, type ExecutionContext, Injectable, type PipeTransform } from '@nestjs/common';
import Type from 'typebox';
import { type CurrentRoom, Rooms } from './rooms.service.js';

export interface RoomOptions {
  /** False: who may join the room is served too. @default true: the connection is in the room, or is answered NotInRoom */
  readonly member?: boolean;
}

interface Asked extends RoomOptions {
  readonly connection: Connection;
  readonly data: unknown;
}

const Named = Type.Object({ room_id: RoomId });

/** Looks the room up when the command runs. */
@Injectable()
export class RoomPipe implements PipeTransform<Asked, Promise<CurrentRoom>> {
  constructor(private readonly rooms: Rooms) {}

  transform({ connection, data, member = true }: Asked): Promise<CurrentRoom> {
    const { room_id: roomId } = validate(Named, data);
    return this.rooms.current(roomId, connection, { member });
  }
}

const read = (options: RoomOptions | undefined, context: ExecutionContext): Asked => ({
  ...options,
  connection: context.getArgByIndex<Connection>(0),
  data: context.getArgByIndex<unknown>(1),
});
readsField(read, 'room_id', RoomId);

const decorate = createParamDecorator(read);

/**
 * The room that `room_id` of a command names, with the role of the user who asks: `@Room() room: CurrentRoom`. Answered before
 * the handler runs: InvalidFormat, RoomNotFound, NotInRoom; Forbidden for one who may not join where `member` is false.
 */
export const Room = (options: RoomOptions = {}): ParameterDecorator => decorate(options, RoomPipe);

/** A room as clients see it (PROTOCOL §5). */
export type Room = WireRoom;
