import { HubbubError } from '@hubbub/protocol';
import type { Condition } from './condition.js';

/** Who is in a room, and for how many more there is room: as conditions. */

/** A connection, before a command that needs it in a room or out of it. */
export interface Standing {
  readonly isIn: boolean;
}

export const IN_ROOM: readonly Condition<Standing>[] = [
  {
    name: 'membership',
    holds: ({ isIn }) => isIn,
    because: ({ isIn }) => (isIn ? 'The connection is in the room.' : 'The connection is not in the room.'),
    refusal: () => new HubbubError('NotInRoom'),
  },
];

export const NOT_YET_IN: readonly Condition<Standing>[] = [
  {
    name: 'membership',
    holds: ({ isIn }) => !isIn,
    because: ({ isIn }) => (isIn ? 'The connection is in the room already.' : 'The connection is not in the room yet.'),
    refusal: () => new HubbubError('AlreadyInRoom'),
  },
];

function limit(name: string, what: string, reached: () => HubbubError): Condition<{ count: number; most: number }>[] {
  return [
    {
      name,
      holds: ({ count, most }) => count < most,
      because: ({ count, most }) => `${what} ${count} rooms, of ${most} at most.`,
      refusal: reached,
    },
  ];
}

const tooManyRooms = () => new HubbubError('TooManyRooms');

/** Before one more is joined. */
export const ROOMS_OF_CONNECTION = limit('rooms_per_connection', 'The connection is in', tooManyRooms);
/** Before one more is made. */
export const ROOMS_OF_USER = limit('rooms_per_user', 'He owns', tooManyRooms);

export interface Arrival {
  readonly members: number;
  /** 0 = any number. */
  readonly maxClients: number;
  /** Has a seat, at whatever node: he counts once. */
  readonly isMember: boolean;
}

export const CAPACITY: readonly Condition<Arrival>[] = [
  {
    name: 'capacity',
    holds: ({ members, maxClients, isMember }) => isMember || maxClients === 0 || members < maxClients,
    because({ members, maxClients, isMember }) {
      if (isMember) return 'He has a place in the room.';
      return `The room has ${members} members, of ${maxClients === 0 ? 'any number' : `${maxClients} at most`}.`;
    },
    refusal: () => new HubbubError('RoomFull'),
  },
];

/** What may not be taken twice: the id of a room. */
export const FREE_ID: readonly Condition<{ readonly exists: boolean }>[] = [
  {
    name: 'free_id',
    holds: ({ exists }) => !exists,
    because: ({ exists }) => (exists ? 'There is a room with this id.' : 'No room has this id.'),
    refusal: () => new HubbubError('RoomAlreadyExists'),
  },
];
