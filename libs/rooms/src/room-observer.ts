/**
 * Told of users (not connections) that come and go on this node, synchronously and in order. What it throws is a bug of
 * its own and reaches whoever joined or left.
 */
export interface RoomObserver {
  /** @param at when, in Unix ms. His first connection; `connectionsChanged` tells of the others */
  memberJoined(roomId: string, user: { userId: string; username: string }, at: number): void;
  /** @param connections how many of his are in the room now; 0 while only the grace keeps his place */
  connectionsChanged(roomId: string, userId: string, connections: number): void;
  memberLeft(roomId: string, userId: string, username: string): void;
  /** The room was deleted; nobody's leave is told apart. */
  roomClosed(roomId: string): void;
}
