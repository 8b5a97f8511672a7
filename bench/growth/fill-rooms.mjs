/** Rooms by the hundred thousand, as rows like those that the gateway writes: it would take minutes to ask for them. */

/**
 * @param names of the rooms: an SQL query with one column, in the words of the database
 * @returns statements that make them, for SQLite and Postgres
 */
export const roomStatements = (names) =>
  [
    `INSERT INTO room (id, epoch, name, owner_id, visibility, history, max_clients, metadata, created_at)
       SELECT name, 'epoch', name, NULL, 'public', 'durable', 0, '{}', 0 FROM names`,
    `INSERT INTO room_attendance (room_id, epoch, version, members) SELECT name, 'epoch', 0, 0 FROM names`,
    `INSERT INTO message_log (kind, owner_id, epoch, head, floor) SELECT 'room', name, 'epoch', 0, 0 FROM names`,
  ].map((insert) => `WITH names(name) AS (${names}) ${insert}`);
