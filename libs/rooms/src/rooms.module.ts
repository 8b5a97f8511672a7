import { Global, Module } from '@nestjs/common';
import { RoomHistory } from './history.service.js';
import { RoomJoins } from './joins.service.js';
import { RoomLifecycle } from './lifecycle.service.js';
import { RoomListing } from './listing.service.js';
import { RoomMembers } from './members.service.js';
import { MembershipGateway } from './membership.gateway.js';
import { RoomMembership } from './membership.service.js';
import { MessagesGateway } from './messages.gateway.js';
import { ModerationGateway } from './moderation.gateway.js';
import { RoomModeration } from './moderation.service.js';
import { Pools } from './pools.js';
import { RoomPosting } from './posting.service.js';
import { RoomChanges } from './room-changes.js';
import { RoomChannels } from './room-channels.js';
import { RoomContentsController } from './room-contents.controller.js';
import { RoomDirectory } from './room-directory.js';
import { RoomsController } from './rooms.controller.js';
import { RoomsGateway } from './rooms.gateway.js';
import { Rooms } from './rooms.service.js';

/** Rooms, their members, roles and messages. Needs config, storage, bus, metrics, transport, auth and messages. */
@Global()
@Module({
  controllers: [RoomsController, RoomContentsController],
  providers: [
    RoomDirectory,
    RoomChannels,
    RoomMembership,
    RoomMembers,
    RoomChanges,
    RoomLifecycle,
    RoomListing,
    RoomHistory,
    RoomPosting,
    RoomJoins,
    RoomModeration,
    Rooms,
    Pools,
    RoomsGateway,
    MembershipGateway,
    MessagesGateway,
    ModerationGateway,
  ],
  exports: [Rooms, Pools],
})
export class RoomsModule {}
