import { RoomDemands } from '@hubbub/auth';
import { NodeInfo } from '@hubbub/bus';
import { CacheModule } from '@hubbub/cache';
import { ClusterClock, NodeLease } from '@hubbub/cluster';
import { HubbubConfig } from '@hubbub/config';
import { Database } from '@hubbub/storage';
import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Attendance } from './attendance.js';
import { DatabaseAttendance } from './database-attendance.js';
import { FollowedRooms } from './followed-rooms.js';
import { RoomHistory } from './history.service.js';
import { RoomJoins } from './joins.service.js';
import { RoomLifecycle } from './lifecycle.service.js';
import { RoomListing } from './listing.service.js';
import { LocalAttendance } from './local-attendance.js';
import { RoomMembers } from './members.service.js';
import { MembershipGateway } from './membership.gateway.js';
import { RoomMembership } from './membership.service.js';
import { MessagesGateway } from './messages.gateway.js';
import { ModerationGateway } from './moderation.gateway.js';
import { RoomModeration } from './moderation.service.js';
import { RoomPlacement } from './placement.service.js';
import { Pools } from './pools.js';
import { RoomPosting } from './posting.service.js';
import { RoomChanges } from './room-changes.js';
import { RoomChannels } from './room-channels.js';
import { RoomContentsController } from './room-contents.controller.js';
import { RoomDirectory } from './room-directory.js';
import { RoomEvents } from './room-events.js';
import { RoomExchange } from './room-exchange.js';
import { RoomFeed } from './room-feed.js';
import { RoomFollowing } from './room-following.service.js';
import { RoomQuestions } from './room-questions.service.js';
import { RoomRules } from './room-rules.service.js';
import { RoomSurvey } from './room-survey.service.js';
import { RoomWatch } from './room-watch.service.js';
import { RoomsController } from './rooms.controller.js';
import { RoomsGateway } from './rooms.gateway.js';
import { Rooms } from './rooms.service.js';
import { SeatLeases } from './seat-leases.service.js';

/** Rooms, their members, roles and messages. Needs config, storage, bus, metrics, transport, auth and messages. */
@Global()
@Module({
  imports: [CacheModule, DiscoveryModule],
  controllers: [RoomsController, RoomContentsController],
  providers: [
    RoomDirectory,
    RoomFeed,
    RoomExchange,
    RoomChannels,
    {
      provide: Attendance,
      inject: [NodeInfo, Database, NodeLease, ClusterClock, HubbubConfig],
      useFactory: attendanceOf,
    },
    FollowedRooms,
    RoomMembership,
    RoomMembers,
    RoomChanges,
    RoomFollowing,
    RoomWatch,
    SeatLeases,
    RoomEvents,
    RoomRules,
    { provide: RoomDemands, useExisting: RoomRules },
    RoomLifecycle,
    RoomListing,
    RoomHistory,
    RoomPosting,
    RoomJoins,
    RoomPlacement,
    RoomModeration,
    RoomQuestions,
    RoomSurvey,
    Rooms,
    Pools,
    RoomsGateway,
    MembershipGateway,
    MessagesGateway,
    ModerationGateway,
  ],
  exports: [
    RoomDemands,
    Rooms,
    Pools,
    RoomEvents,
    RoomFeed,
    RoomHistory,
    RoomLifecycle,
    RoomListing,
    RoomMembers,
    RoomModeration,
    RoomPlacement,
    RoomPosting,
    RoomQuestions,
    RoomSurvey,
  ],
})
export class RoomsModule {}

function attendanceOf(
  { clustered, nodeId }: NodeInfo,
  database: Database,
  lease: NodeLease,
  clock: ClusterClock,
  config: HubbubConfig,
): Attendance {
  if (!clustered) return new LocalAttendance();
  return new DatabaseAttendance({
    nodeId,
    database,
    now: () => clock.now(),
    holdLease: (manager) => lease.hold(manager),
    retryMs: () => config.cluster.repairMs,
  });
}
