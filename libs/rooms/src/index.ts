export { MemberDirectory } from './member-directory.js';
export type { RoomInfo } from './room-info.js';
export type { RoomObserver } from './room-observer.js';
