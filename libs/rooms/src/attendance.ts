import type { EntityManager } from 'typeorm';

/** Who would like to sit where. */
export interface SeatRequest {
  readonly roomId: string;
  /** Of the room that is meant: not of a namesake made since. */
  readonly epoch: string;
  /** Most users, as this node knows it; 0 = any number. */
  readonly maxClients: number;
  readonly userId: string;
  readonly username: string;
  /** Holds `admin:room` for the room, which admits whatever his role. */
  readonly admin: boolean;
}

/**
 * Who has a seat in which room, on all nodes: a user has one at each node that he is connected to, and counts once. It
 * keeps `max_clients`, strictly, and numbers the changes of a room, so that a node which was not told of one notices.
 */
export abstract class Attendance {
  /**
   * Takes the user's seat at this node, or one use more of it. Pair it with `release` unless it failed. Capacity is not
   * looked at for one who has a seat, at whatever node.
   * @returns since when he is in the room, Unix ms
   * @throws HubbubError RoomFull, ServerError; in a cluster Forbidden (by the role that is stored) and RoomNotFound too
   */
  abstract take(request: SeatRequest): number | Promise<number>;

  /** Ends one use of the user's seat at this node; with the last one it is free. */
  abstract release(roomId: string, userId: string): void;

  /**
   * Resolves when the seat that the user has just released is free for others, at whatever node; also if he needs it
   * still, or the database does not take it now.
   */
  abstract freed(roomId: string, userId: string): Promise<void> | void;

  /** Whether the user has his seat at this node: one that was taken may be gone again. */
  abstract holds(roomId: string, userId: string): boolean;

  /**
   * Learns that `unseat` ended the user's seats by the change with this number.
   * @returns whether that was the seat he has here, and not one that he left or took since
   */
  abstract removed(roomId: string, userId: string, version: number): boolean;

  /** Makes what is kept of a new room, in the room's own transaction. */
  abstract create(manager: EntityManager, room: { readonly id: string; readonly epoch: string }): Promise<void>;

  /** Ends all that is kept of a room, in the room's own transaction: before anything else is deleted. */
  abstract remove(manager: EntityManager, roomId: string): Promise<void>;

  /**
   * Numbers a change of the room in the transaction that makes it. To be called first: no other change of it, and no
   * coming or going, happens until the transaction is over, so what is read after it stays true.
   * @returns the number; 0 if there are no other nodes, or no such room
   */
  abstract raise(manager: EntityManager, roomId: string): Promise<number>;

  /**
   * Numbers the redaction of a message, as `raise` does, and keeps it for nodes that are not told of it.
   * @returns the number; 0 if there are no other nodes, or no such room
   */
  abstract redact(manager: EntityManager, roomId: string, seq: number): Promise<number>;

  /** Ends all seats of the user, after `raise`. @returns false if he had none */
  abstract unseat(manager: EntityManager, roomId: string, userId: string): Promise<boolean>;
}
