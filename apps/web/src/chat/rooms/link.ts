import { hashOf } from '../state/target.js';

/** The address of a room, for others. */
export function linkTo(roomId: string): string {
  return new URL(hashOf({ kind: 'room', id: roomId }), location.href).href;
}
