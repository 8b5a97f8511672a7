import { type FieldFault, HubbubError, MaxClients, matchesPattern, type Permission } from '@hubbub/protocol';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { NewRoom, RoomPatch } from './room-info.js';

/** What holds for the rooms whose ids match a pattern. */
export interface RoomPolicyOptions {
  /** What such rooms keep: their default, and nothing else can be asked for. */
  readonly history?: 'durable' | 'none';
  /** Who sees and joins them: their default, and nothing else can be asked for. */
  readonly visibility?: 'public' | 'private';
  /** Their default, and the most that can be asked for; 0 = no limit. */
  readonly maxClients?: number;
  /** Messages of one sender in one room: `20/10s`, `5/s`, `100/m`. As many may come at once. Counted by each node. */
  readonly rate?: string;
  /** Needed beside `join:room`, `send:message` and `read:message`. */
  readonly permissions?: { readonly join?: Permission; readonly send?: Permission; readonly read?: Permission };
  /** Whether a join makes the room, for one who may create it. @default rooms.create_on_join */
  readonly createOnJoin?: boolean;
}

/** A policy as it was declared, and where. */
export interface DeclaredPolicy {
  readonly pattern: string;
  readonly options: RoomPolicyOptions;
  readonly by: string;
}

export interface Rate {
  readonly count: number;
  readonly perMs: number;
}

export interface PolicyLimits {
  readonly commandsPerS: number;
  readonly commandsBurst: number;
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const RATE = /^([1-9]\d{0,8})\/([1-9]\d{0,5})?(ms|s|m|h)$/;
const PATTERN = /^[A-Za-z0-9_*][A-Za-z0-9_:.*-]{0,127}$/;
/** Rooms that are remembered with their policy; there may be any number, and looking again costs little. */
const MAX_KNOWN = 10_000;

const closed = { additionalProperties: false };
const PermissionName = Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]+:[A-Za-z0-9_-]+$' }));
const Options = Compile(
  Type.Object(
    {
      history: Type.Optional(Type.Enum(['durable', 'none'])),
      visibility: Type.Optional(Type.Enum(['public', 'private'])),
      maxClients: Type.Optional(MaxClients),
      rate: Type.Optional(Type.String()),
      permissions: Type.Optional(
        Type.Object({ join: PermissionName, send: PermissionName, read: PermissionName }, closed),
      ),
      createOnJoin: Type.Optional(Type.Boolean()),
    },
    closed,
  ),
);

/** The policies of a gateway: of those that match a room the most specific one holds, whole. Pure. */
export class RoomPolicies<P extends DeclaredPolicy = DeclaredPolicy> {
  private readonly ordered: readonly P[];
  private readonly known = new Map<string, P | null>();

  /** @param policies without faults */
  constructor(policies: readonly P[]) {
    this.ordered = policies.toSorted((a, b) => specificity(b.pattern) - specificity(a.pattern));
  }

  of(roomId: string): P | null {
    if (this.ordered.length === 0) return null;
    const known = this.known.get(roomId);
    if (known !== undefined) return known;
    const found = this.ordered.find(({ pattern }) => matchesPattern(pattern, roomId)) ?? null;
    if (this.known.size >= MAX_KNOWN) this.known.clear();
    this.known.set(roomId, found);
    return found;
  }
}

/** What is wrong with policies, each in a sentence. */
export function faultsOfPolicies(declared: readonly DeclaredPolicy[], limits: PolicyLimits): string[] {
  return [
    ...declared.flatMap((policy) => faultsOf(policy, limits).map((fault) => `${nameOf(policy)}: ${fault}`)),
    ...declared.flatMap((policy, at) =>
      declared
        .slice(at + 1)
        .filter((other) => contradict(policy, other))
        .map(
          (other) =>
            `${nameOf(policy)} and ${nameOf(other)} are as specific as each other, match the same rooms, and differ`,
        ),
    ),
  ];
}

/** @throws Error for what `faultsOfPolicies` names */
export function parseRate(text: string): Rate {
  const [, count, times = '1', unit] = RATE.exec(text) ?? [];
  if (count === undefined) throw new Error(`the rate "${text}" is none: 20/10s, 5/s, 100/m`);
  return { count: Number(count), perMs: Number(times) * UNITS[unit as keyof typeof UNITS] };
}

/** What a room is made with under a policy. @throws HubbubError InvalidFormat for what the policy does not allow */
export function shapeRoom(wanted: NewRoom, policy: RoomPolicyOptions): NewRoom {
  requireAllowed(wanted, policy);
  return {
    ...wanted,
    history: wanted.history ?? policy.history,
    visibility: wanted.visibility ?? policy.visibility,
    maxClients: wanted.maxClients ?? policy.maxClients,
  };
}

/** @throws HubbubError InvalidFormat for what the policy does not allow */
export function requireAllowed(wanted: NewRoom | RoomPatch, policy: RoomPolicyOptions): void {
  const { history = policy.history } = wanted as NewRoom;
  const { visibility = policy.visibility, maxClients = policy.maxClients } = wanted;
  const details: FieldFault[] = [];
  const refuse = (path: string, message: string) => details.push({ path, message });
  if (policy.history !== undefined && history !== policy.history)
    refuse('/history', `is ${policy.history} in this room`);
  if (policy.visibility !== undefined && visibility !== policy.visibility) {
    refuse('/visibility', `is ${policy.visibility} in this room`);
  }
  if (policy.maxClients && maxClients !== undefined && (maxClients === 0 || maxClients > policy.maxClients)) {
    refuse('/max_clients', `must be 1 to ${policy.maxClients} in this room`);
  }
  if (details.length > 0) throw new HubbubError('InvalidFormat', { details });
}

/** Needed beside a permission of ours; null: nothing is. */
export function neededBeside(permission: Permission, { permissions = {} }: RoomPolicyOptions): Permission | null {
  if (permission === 'join:room') return permissions.join ?? null;
  if (permission === 'send:message') return permissions.send ?? null;
  if (permission === 'read:message') return permissions.read ?? null;
  return null;
}

function faultsOf({ pattern, options }: DeclaredPolicy, limits: PolicyLimits): string[] {
  const faults: string[] = [];
  if (!PATTERN.test(pattern)) faults.push('the pattern is no room id with * for any characters');
  for (const { instancePath, message, keyword } of Options.Errors(options)) {
    if (keyword === 'boolean') faults.push(`${instancePath.slice(1)} is no key of a policy`);
    else if (keyword !== 'additionalProperties') faults.push(`${instancePath.slice(1)} ${message}`);
  }
  if (typeof options.rate === 'string') faults.push(...faultsOfRate(options.rate, limits));
  return faults;
}

function faultsOfRate(text: string, { commandsPerS, commandsBurst }: PolicyLimits): string[] {
  if (!RATE.test(text)) return [`the rate "${text}" is none: 20/10s, 5/s, 100/m`];
  const { count, perMs } = parseRate(text);
  return [
    ...((count * 1000) / perMs > commandsPerS
      ? [`the rate ${text} is above limits.commands_per_s (${commandsPerS})`]
      : []),
    ...(count > commandsBurst
      ? [`the rate ${text} lets more come at once than limits.commands_burst (${commandsBurst})`]
      : []),
  ];
}

function nameOf({ pattern, by }: DeclaredPolicy): string {
  return `"${pattern}" (${by})`;
}

/** How much of an id a pattern says. One without `*` says all of it. */
function specificity(pattern: string): number {
  return pattern.includes('*') ? pattern.replaceAll('*', '').length : Number.POSITIVE_INFINITY;
}

function contradict(a: DeclaredPolicy, b: DeclaredPolicy): boolean {
  if (specificity(a.pattern) !== specificity(b.pattern) || !shareId(a.pattern, b.pattern)) return false;
  return canonical(a.options) !== canonical(b.options);
}

function canonical({ permissions = {}, ...options }: RoomPolicyOptions): string {
  const sorted = (value: object) => Object.entries(value).toSorted(([x], [y]) => (x < y ? -1 : 1));
  return JSON.stringify([sorted(options), sorted(permissions)]);
}

/** Whether there is an id that both patterns match. */
export function shareId(a: string, b: string, i = 0, j = 0, seen = new Map<number, boolean>()): boolean {
  if (i === a.length && j === b.length) return true;
  const key = i * (b.length + 1) + j;
  const known = seen.get(key);
  if (known !== undefined) return known;
  const next = (di: number, dj: number) => shareId(a, b, i + di, j + dj, seen);
  const found =
    (a[i] === '*' && (next(1, 0) || (j < b.length && next(0, 1)))) ||
    (b[j] === '*' && (next(0, 1) || (i < a.length && next(1, 0)))) ||
    (i < a.length && a[i] === b[j] && next(1, 1));
  seen.set(key, found);
  return found;
}
