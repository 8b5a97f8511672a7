/**
 * What is measured. A part is one thing that grows: `x` says what, `figures` what is told of it and how that has to grow, and `measure(plan)` yields a point
 * for each size: `{ x, figures }`, or `{ x, leftOut }` where this machine cannot.
 */
import { connections } from './connections.mjs';
import { histories } from './history.mjs';
import { memberships } from './memberships.mjs';
import { nodes } from './nodes.mjs';
import { roomSize } from './room-size.mjs';
import { openRooms, rooms } from './rooms.mjs';
import { rowCosts } from './rows.mjs';
import { followed, online } from './watching.mjs';

export const PARTS = [
  roomSize,
  rooms,
  openRooms,
  memberships,
  connections,
  nodes,
  online,
  followed,
  ...histories,
  rowCosts,
];
