/** The views behind the first one: a file of its own, which the page fetches when it is idle. */
export { AuditView } from './audit/audit-view.js';
export { BroadcastView } from './broadcast/broadcast-view.js';
export { ConfigView } from './config/config-view.js';
export { ConnectionsView } from './connections/connections-view.js';
export { RoomView } from './rooms/room-view.js';
export { RoomsView } from './rooms/rooms-view.js';
export { TapView } from './tap/tap-view.js';
export { ExplainView } from './users/explain-view.js';
export { UserView } from './users/user-view.js';
export { UsersView } from './users/users-view.js';
