/** What stands in place of a conversation: a file of its own. */
export { AllRooms } from './all-rooms.js';
export { Door } from './door.js';
