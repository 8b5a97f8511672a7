import type { HubbubConfig } from '@hubbub/config';
import type { Session } from '@hubbub/protocol';
import type { Connection } from './connection.js';
import type { NodeIdentity } from './identity.js';

/** `data` of `connected` and `authenticated`: who the connection is and what applies to it (PROTOCOL §4). */
export function describeSession(connection: Connection, node: NodeIdentity, config: HubbubConfig): Session {
  const { identity } = connection;
  return {
    connection_id: connection.id,
    node_id: node.nodeId,
    protocol: 'hubbub.v1',
    user_id: identity?.userId ?? null,
    username: identity?.username ?? null,
    anonymous: identity?.anonymous ?? false,
    authenticated: identity !== null && !identity.anonymous,
    permissions: identity === null ? [] : [...identity.permissions.grants],
    ...(identity?.expiresAt === undefined ? {} : { expires_at: identity.expiresAt }),
    inbox_epoch: connection.inbox.epoch,
    inbox_seq: connection.inbox.seq,
    heartbeat_interval_ms: config.heartbeat.intervalMs,
    max_message_bytes: config.limits.maxMessageBytes,
    commands_per_s: config.limits.commandsPerS,
    commands_burst: config.limits.commandsBurst,
    server_version: node.version,
  };
}
