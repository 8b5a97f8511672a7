export type { Caller } from './actor.js';
export { OnJoin, OnLeave, OnMessage, type PostedMessage } from './hooks.js';
export type { Joined, JoinOptions } from './joins.service.js';
export { MemberDirectory } from './member-directory.js';
export { Rooms1700000000300 } from './migrations/1700000000300-rooms.js';
export { Pools } from './pools.js';
export type { Posted } from './posting.service.js';
export { RoomEntity } from './room.entity.js';
export type { NewRoom, RoomInfo, RoomPatch } from './room-info.js';
export { RoomMemberEntity } from './room-member.entity.js';
export type { RoomObserver } from './room-observer.js';
export { RoomsModule } from './rooms.module.js';
export { Rooms, type ServiceMessage } from './rooms.service.js';

import { Rooms1700000000300 } from './migrations/1700000000300-rooms.js';
import { RoomEntity } from './room.entity.js';
import { RoomMemberEntity } from './room-member.entity.js';

/** For `StorageModule.forRoot`. */
export const ROOM_ENTITIES = [RoomEntity, RoomMemberEntity];
export const ROOM_MIGRATIONS = [Rooms1700000000300];
