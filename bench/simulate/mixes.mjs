/**
 * What people do. Each has one connection, which lasts `sessionMinutes` and is then opened again, with a join into each room. A kind of room has `size`
 * members (without it: everybody is in the one room), each connection is in `perConnection` of them, and in each of them `storedPerMinute` and
 * `ephemeralPerMinute` messages are sent by all members together. `busyShare`: how much is sent over a day, as a share of what it would be if it were always as busy as this.
 */
export const MIXES = {
  chat: {
    title: 'chat: 5 rooms of 20 and one of 500 each, stored',
    sessionMinutes: 60,
    payloadBytes: 128,
    busyShare: 0.3,
    rooms: [
      { size: 20, perConnection: 5, storedPerMinute: 1 },
      { size: 500, perConnection: 1, storedPerMinute: 6 },
    ],
  },
  event: {
    title:
      'live event: one room of all, five stored messages a second, and the reactions to them summed up in one more',
    sessionMinutes: 45,
    payloadBytes: 128,
    busyShare: 0.1,
    rooms: [{ perConnection: 1, storedPerMinute: 300, ephemeralPerMinute: 60 }],
  },
  notifications: {
    title: 'notifications: a room of one’s own, a stored message every ten minutes',
    sessionMinutes: 240,
    payloadBytes: 256,
    busyShare: 0.4,
    rooms: [{ size: 1, perConnection: 1, storedPerMinute: 0.1 }],
  },
  games: {
    title: 'games: rooms of 8, each player ten states a second, not stored',
    sessionMinutes: 20,
    payloadBytes: 96,
    busyShare: 0.4,
    rooms: [{ size: 8, perConnection: 1, ephemeralPerMinute: 8 * 600 }],
  },
};

/** @returns the mix @throws Error naming what is wrong with it, where it was given by a user */
export function checkMix(mix, name) {
  const positive = (value) => typeof value === 'number' && Number.isFinite(value) && value > 0;
  const wrong = ['sessionMinutes', 'payloadBytes', 'busyShare'].filter((key) => !positive(mix?.[key]));
  if (!Array.isArray(mix?.rooms) || mix.rooms.length === 0) wrong.push('rooms');
  for (const [n, room] of (Array.isArray(mix?.rooms) ? mix.rooms : []).entries()) {
    if (!positive(room.perConnection)) wrong.push(`rooms[${n}].perConnection`);
    if (room.size !== undefined && !positive(room.size)) wrong.push(`rooms[${n}].size`);
    for (const key of ['storedPerMinute', 'ephemeralPerMinute'])
      if (room[key] !== undefined && !(room[key] >= 0)) wrong.push(`rooms[${n}].${key}`);
  }
  if (wrong.length > 0)
    throw new Error(`${name}: ${wrong.join(', ')} must be numbers, above 0 but for messages; rooms a list of them`);
  return { title: name, ...mix };
}
