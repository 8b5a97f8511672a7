import { Cursor, PageLimit, Timestamp, UserId } from '@hubbub/protocol';
import Type, { type Static } from 'typebox';
import type { AuditEntryEntity } from './audit-entry.entity.js';

const optional = Type.Optional;
const Id = Type.String({ minLength: 1, maxLength: 256 });

export const AuditPageQuery = Type.Object({
  cursor: optional(Cursor),
  limit: optional(PageLimit),
  actor: optional(UserId),
  action: optional(Id),
  target: optional(
    Type.String({ minLength: 1, maxLength: 256, description: 'Id of a room, user, connection, node or token.' }),
  ),
});

export const AuditEntry = Type.Object({
  id: Type.String(),
  at: Timestamp,
  actor_id: Type.String(),
  actor_name: optional(Type.String()),
  action: Type.String({ description: 'A command; of an application’s own routes their method and path.' }),
  target: Type.Object({
    room_id: optional(Type.String()),
    user_id: optional(Type.String()),
    connection_id: optional(Type.String()),
    node_id: optional(Type.String()),
    token_id: optional(Type.String()),
    seq: optional(Type.Integer()),
  }),
  details: optional(Type.Record(Type.String(), Type.Unknown())),
  outcome: Type.Union([Type.Literal('begun'), Type.Literal('done'), Type.Literal('failed')], {
    description: 'begun: it is under way, or how it ended is not known.',
  }),
  code: optional(Type.Integer({ description: 'Of the error that it failed with.' })),
  node_id: Type.String({ description: 'Where it was done.' }),
  address: optional(Type.String({ description: 'Where the actor was; services on the bus have none.' })),
});

export const AuditPage = Type.Object({ entries: Type.Array(AuditEntry), next_cursor: optional(Cursor) });

export function wireEntry(entry: AuditEntryEntity): Static<typeof AuditEntry> {
  const details = JSON.parse(entry.details) as Record<string, unknown>;
  return {
    id: entry.id,
    at: entry.at,
    actor_id: entry.actorId,
    ...(entry.actorName === '' ? {} : { actor_name: entry.actorName }),
    action: entry.action,
    target: {
      ...given('room_id', entry.roomId),
      ...given('user_id', entry.userId),
      ...given('connection_id', entry.connectionId),
      ...given('node_id', entry.targetNodeId),
      ...given('token_id', entry.tokenId),
      ...given('seq', entry.seq),
    },
    ...(Object.keys(details).length === 0 ? {} : { details }),
    outcome: entry.outcome,
    ...given('code', entry.code),
    node_id: entry.nodeId,
    ...given('address', entry.address),
  };
}

function given<K extends string, T>(name: K, value: T | null): { [N in K]?: T } {
  return (value === null ? {} : { [name]: value }) as { [N in K]?: T };
}
