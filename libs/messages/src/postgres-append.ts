/** What a batch needs of the statement that stores it. */
export interface AppendShape {
  /** It has direct messages. */
  readonly direct: boolean;
  /** Stored room messages get a pointer in the outbox. */
  readonly outbox: boolean;
}

/** A row that the statement answers with. `ord` counts the entries from 1. */
export type AppendedRow = [ord: number, received: boolean, seq: number, epoch: string, firstAt: number | null];

/**
 * The statement that stores a batch, and answers with a row for each log that an entry got a number in; none for an entry
 * whose room is unknown. `firstAt` is the time of the message that a repeated key stands for.
 *
 * 1. It locks the logs in the order given, the same for all nodes, so nobody waits crosswise. Whoever waits gets the head as it is
 *    after the other's commit.
 * 2. Look-ups are LATERAL with LIMIT 1, correlated where they are sub-selects: a plan made while a table was empty goes by index too.
 * 3. It sees the other tables as they were when it began: a key that another node stored while this one waited for the log is not
 *    seen, and refused by its primary key (23505). Repeated, the batch finds it.
 * 4. Pointers are written in the order of the batch, and under the locks: their ids are in the order of the commits of a room.
 *
 * $1 now, $2 time up to which keys are forgotten, $3 $4 kind and owner of the logs; then of each entry: $5 the place of its log among
 * those (from 1), $6 sender id, $7 sender name, $8 content, $9 key, $10 epoch that the room must have, or null; with direct messages: $11
 * target id, or null; $12 the place of his log, or 0.
 */
export function appendStatement({ direct, outbox }: AppendShape): string {
  const scope = direct ? 'coalesce(target_id, sender_id)' : 'sender_id';
  const roomsOnly = direct ? 'WHERE target_id IS NULL' : '';
  return `
WITH log AS MATERIALIZED (
  SELECT o.place, l.id, l.epoch, l.head
  FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS o (kind, owner_id, place)
  CROSS JOIN LATERAL (
    SELECT id, epoch, head FROM message_log WHERE kind = o.kind AND owner_id = o.owner_id LIMIT 1 FOR UPDATE
  ) l
), entry AS MATERIALIZED (
  SELECT i.*, l.id AS log_id, l.epoch, l.head, k.seq AS first_seq, k.timestamp AS first_at
  FROM ${input(direct)}
  JOIN log l ON l.place = i.place AND coalesce(i.meant_epoch, l.epoch) = l.epoch
  LEFT JOIN LATERAL (
    SELECT seq, timestamp FROM idempotency_key
    WHERE log_id = l.id AND scope = ${direct ? 'coalesce(i.target_id, i.sender_id)' : 'i.sender_id'} AND name = i.name
      AND timestamp > $2::bigint LIMIT 1
  ) k ON true
), fresh AS MATERIALIZED (
  SELECT *, head + row_number() OVER (PARTITION BY log_id ORDER BY ord) AS seq FROM ${direct ? COPIES : OWN}
), stored AS (
  INSERT INTO room_message (log_id, seq, sender_id, sender_name, content, timestamp, redacted)
  SELECT log_id, seq, sender_id, sender_name, content, $1::bigint, 0 FROM fresh ${roomsOnly}
), ${direct ? RECEIVED : ''} keyed AS (
  INSERT INTO idempotency_key (log_id, scope, name, seq, timestamp)
  SELECT log_id, ${scope}, name, seq, $1::bigint FROM fresh WHERE name IS NOT NULL
), ${outbox ? pointers(roomsOnly) : ''} raised AS (
  UPDATE message_log l SET head = f.head
  FROM (SELECT log_id, max(seq) AS head FROM fresh GROUP BY log_id) f WHERE l.id = f.log_id
)
SELECT ord, received, seq, epoch, NULL::bigint FROM fresh
UNION ALL SELECT ord, false, first_seq, epoch, first_at FROM entry WHERE first_seq IS NOT NULL`;
}

const input = (direct: boolean): string => `unnest(
    $5::int4[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[]${direct ? ', $11::text[], $12::int4[]' : ''}
  ) WITH ORDINALITY AS i (place, sender_id, sender_name, content, name, meant_epoch${direct ? ', target_id, target_place' : ''}, ord)`;

const OWN = '(SELECT *, false AS received FROM entry WHERE first_seq IS NULL) own';

/** Each entry in its own log and, where the target is another who does not block the sender, in his. */
const COPIES = `(
    SELECT ord, place, false AS received, log_id, epoch, head, sender_id, sender_name, content, name, target_id,
      target_id AS peer_id
    FROM entry WHERE first_seq IS NULL
    UNION ALL
    SELECT e.ord, e.target_place, true, l.id, l.epoch, l.head, e.sender_id, e.sender_name, e.content, NULL, e.target_id,
      e.sender_id
    FROM entry e JOIN log l ON l.place = e.target_place
    WHERE e.first_seq IS NULL AND e.target_id <> e.sender_id AND (
      SELECT true FROM user_block WHERE user_id = e.target_id AND blocked_id = e.sender_id LIMIT 1
    ) IS NULL
  ) copies`;

const RECEIVED = `direct AS (
  INSERT INTO inbox_message (log_id, seq, peer_id, sender_id, sender_name, content, timestamp)
  SELECT log_id, seq, peer_id, sender_id, sender_name, content, $1::bigint FROM fresh WHERE target_id IS NOT NULL
),`;

const pointers = (roomsOnly: string): string => `pointers AS (
  INSERT INTO outbox (room_id, log_id, seq, created_at)
  SELECT ($4::text[])[place], log_id, seq, $1::bigint FROM fresh ${roomsOnly} ORDER BY ord
),`;

/**
 * Deletes keys of a batch that are forgotten and were not deleted yet. By their place in the table, as a join might go by a plan that
 * was made while the table was empty. $1 time up to which keys are forgotten; then of each entry: $2 $3 kind and owner of its log, $4
 * scope, $5 name.
 */
export const FORGET_KEYS = `
DELETE FROM idempotency_key WHERE timestamp <= $1::bigint AND ctid = ANY (ARRAY(
  SELECT k.place
  FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS i (kind, owner_id, scope, name)
  CROSS JOIN LATERAL (SELECT id FROM message_log WHERE kind = i.kind AND owner_id = i.owner_id LIMIT 1) l
  CROSS JOIN LATERAL (
    SELECT ctid AS place FROM idempotency_key WHERE log_id = l.id AND scope = i.scope AND name = i.name LIMIT 1
  ) k
))`;
