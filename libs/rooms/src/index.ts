export type { Caller } from './actor.js';
export type { NodeSeat } from './attendance-store.js';
export { type ElsewhereObserver } from './followed-rooms.js';
export { type HistoryRange, RoomHistory } from './history.service.js';
export { OnJoin, OnLeave, OnMessage, type PostedMessage } from './hooks.js';
export type { Joined, JoinOptions } from './joins.service.js';
export { RoomLifecycle } from './lifecycle.service.js';
export { RoomListing } from './listing.service.js';
export { MemberDirectory } from './member-directory.js';
export { RoomMembers } from './members.service.js';
export { Rooms1700000000300 } from './migrations/1700000000300-rooms.js';
export { RoomModeration } from './moderation.service.js';
export { RoomPlacement } from './placement.service.js';
export { Pools } from './pools.js';
export { type Posted, RoomPosting } from './posting.service.js';
export { Room, type RoomOptions } from './room.decorator.js';
export { RoomEntity } from './room.entity.js';
export { type EventSink, RoomEvents } from './room-events.js';
export { RoomFeed, type RoomNote } from './room-feed.js';
export { type NewRoom, newRoomOf, patchOf, type RoomInfo, type RoomPatch, wireRoom } from './room-info.js';
export { RoomMemberEntity } from './room-member.entity.js';
export type { RoomObserver } from './room-observer.js';
export { type RoomPolicyOptions } from './room-policies.js';
export { RoomPolicy, roomPolicy } from './room-policy.decorator.js';
export { RoomsModule } from './rooms.module.js';
export { type CurrentRoom, Rooms, type ServiceMessage } from './rooms.service.js';
export type { Attendee } from './seat-decisions.js';

import { RoomAttendanceEntity, RoomRedactionEntity, RoomSeatEntity } from './attendance.entities.js';
import { Rooms1700000000300 } from './migrations/1700000000300-rooms.js';
import { Attendance1700000000310 } from './migrations/1700000000310-attendance.js';
import { RoomEntity } from './room.entity.js';
import { RoomMemberEntity } from './room-member.entity.js';

/** For `StorageModule.forRoot`. */
export const ROOM_ENTITIES = [RoomEntity, RoomMemberEntity, RoomAttendanceEntity, RoomRedactionEntity, RoomSeatEntity];
export const ROOM_MIGRATIONS = [Rooms1700000000300, Attendance1700000000310];
