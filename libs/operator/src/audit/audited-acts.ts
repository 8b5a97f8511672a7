import type { Permission } from '@hubbub/protocol';
import type { Act } from '@hubbub/transport';

/** What an act was done to, by the names that commands have for it. */
export interface AuditTarget {
  readonly room_id?: string;
  readonly user_id?: string;
  readonly connection_id?: string;
  readonly node_id?: string;
  readonly token_id?: string;
  readonly seq?: number;
}

/** An act as it stands in the audit log. */
export interface AuditedAct {
  readonly action: string;
  /** The power it takes; in rooms it is one beside roles, which may do as well. */
  readonly power: Permission;
  readonly byRole: boolean;
  readonly target: AuditTarget;
  readonly details: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, unknown>>;

interface Spec {
  /** The HTTP route that does the same; its parameters by the names that commands have for them. */
  readonly route?: string;
  readonly params?: Readonly<Record<string, keyof AuditTarget>>;
  readonly power: Permission;
  /** A role in the room may do as well as the power. */
  readonly byRole?: boolean;
  /** What is worth keeping of what was said, beside the target. Never what a message says. */
  readonly details?: (data: Fields) => Fields;
}

/** Of a broadcast, in characters. */
const TEXT = 200;
/** Longest text that is taken over from what a caller said, in characters. */
const MAX_TEXT = 256;

const operator = { power: 'admin:system' } as const;
const room = { power: 'admin:room', byRole: true } as const;
const member = { room_id: 'room_id', user_id: 'user_id' } as const;

/**
 * Everything of Hubbub's own that is in the audit log where it is done by the power of `admin:system` or `admin:room`. Reading is
 * not, and neither are messages: those of rooms are in their history, and pushes of services are their daily work.
 */
const ACTS: Readonly<Record<string, Spec>> = {
  disconnect: { ...operator, route: 'DELETE api/clients/:connection', params: { connection: 'connection_id' } },
  disconnect_user: operator,
  revoke_user: { ...operator, route: 'DELETE api/users/:id/sessions', params: { id: 'user_id' } },
  revoke_token: { ...operator, route: 'DELETE api/tokens/:jti', params: { jti: 'token_id' } },
  broadcast: { ...operator, route: 'POST api/broadcast', details: ({ message }) => broadcastDetails(message) },
  drain: { ...operator, route: 'POST api/operator/nodes/:id/drain', params: { id: 'node_id' } },
  tap: { ...operator, details: ({ content, sample }) => ({ content: content === true, ...some({ sample }) }) },
  join_user: { power: 'admin:room' },
  leave_user: { power: 'admin:room' },
  update_room: { ...room, route: 'PATCH api/rooms/:id', params: { id: 'room_id' }, details: roomDetails },
  delete_room: { ...room, route: 'DELETE api/rooms/:id', params: { id: 'room_id' } },
  set_member: { ...room, details: ({ role, reason }) => some({ role, reason }) },
  kick_member: {
    ...room,
    route: 'DELETE api/rooms/:id/members/:user',
    params: { id: member.room_id, user: member.user_id },
    details: ({ reason }) => some({ reason }),
  },
  redact_message: room,
};

const BY_ROUTE = new Map(
  Object.entries(ACTS).flatMap(([action, { route }]) => (route ? [[route, action] as const] : [])),
);

/** Whether an act may have to be kept: one of ours, or an application's own that asks for `admin:system`. */
export function isAudited(action: string, permissions: readonly string[]): boolean {
  return BY_ROUTE.has(action) || Object.hasOwn(ACTS, action) || permissions.includes(operator.power);
}

/** What is kept of an act; of what was said only what is as it should be. */
export function auditedAct({ action: name, data }: Pick<Act, 'action' | 'data'>): AuditedAct {
  const action = BY_ROUTE.get(name) ?? name;
  const { power, byRole = false, params = {}, details }: Spec = Object.hasOwn(ACTS, action) ? ACTS[action]! : operator;
  const said = typeof data === 'object' && data !== null ? (data as Fields) : {};
  const named = { ...said };
  if (BY_ROUTE.has(name)) for (const [param, field] of Object.entries(params)) named[field] = said[param];
  return { action, power, byRole, target: targetOf(named), details: details?.(named) ?? {} };
}

function targetOf({ room_id, user_id, connection_id, node_id, token_id, seq }: Fields): AuditTarget {
  return {
    ...some({ room_id, user_id, connection_id, node_id, token_id }, isText),
    ...(Number.isSafeInteger(seq) ? { seq: seq as number } : {}),
  };
}

/** Everybody gets it, so it is no secret; what an operator has told them is worth knowing where the message is kept nowhere else. */
function broadcastDetails(message: unknown): Fields {
  const text = jsonOf(message);
  return { bytes: Buffer.byteLength(text), text: text.slice(0, TEXT).toWellFormed() };
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    // Over HTTP it can be so deep that writing it takes more stack than there is.
    return '';
  }
}

/** Metadata may hold anything: that they were changed is enough. */
function roomDetails({ name, max_clients, visibility, metadata }: Fields): Fields {
  return { ...some({ name, max_clients, visibility }), ...(metadata === undefined ? {} : { metadata: true }) };
}

function some(fields: Fields, takes: (value: unknown) => boolean = isPlain): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => takes(value)));
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TEXT && value.isWellFormed() && !value.includes('\0');
}

function isPlain(value: unknown): boolean {
  return isText(value) || typeof value === 'number' || typeof value === 'boolean';
}
