import { compareSchemas, type Direction, type Fault } from './compare-schemas.js';
import type { CommandContract, Contract } from './contract.js';
import type { JsonSchema } from './schema.js';

/** One difference between two contracts that breaks somebody who relies on the first. */
export interface Finding {
  /** `command join_room`, `push presence`, `error RoomFull`. */
  readonly name: string;
  readonly what: string;
}

/**
 * What somebody who was written for `before` could stumble over when he meets `after`: every difference that is not a mere
 * addition. Empty: compatible.
 */
export function compareContracts(before: Contract, after: Contract): Finding[] {
  return [
    ...each('command', before.commands, after.commands, commandFaults),
    ...each('push', before.pushes, after.pushes, (old, now) => within('data', old, now, 'output')),
    ...each('event', before.events, after.events, (old, now) => [
      ...changed('scope', old.scope, now.scope),
      ...(old.stored && !now.stored ? [{ path: '', what: 'is no longer stored' }] : []),
      ...within('data', old.data, now.data, 'output'),
    ]),
    ...each('service command', before.serviceCommands, after.serviceCommands, commandFaults),
    ...each('error', before.errors, after.errors, (old, now) => [
      ...changed('code', old.code, now.code),
      ...changed('retryable', old.retryable, now.retryable),
    ]),
    ...each('close', before.closes, after.closes, (old, now) => changed('code', old, now)),
  ];
}

/**
 * Whether a version may break what an earlier one promised: its major number is higher, or, before 1.0, its minor number.
 * @param from `1.2.3`
 */
export function mayBreak(from: string, to: string): boolean {
  const [oldMajor = 0, oldMinor = 0] = from.split('.').map(Number);
  const [major = 0, minor = 0] = to.split('.').map(Number);
  return major > oldMajor || (major === 0 && oldMajor === 0 && minor > oldMinor);
}

function each<T>(
  kind: string,
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
  faultsOf: (old: T, now: T) => Fault[],
): Finding[] {
  return Object.entries(before).flatMap(([name, old]) => {
    const now = Object.hasOwn(after, name) ? after[name] : undefined;
    const faults = now === undefined ? [{ path: '', what: 'removed' }] : faultsOf(old, now);
    return faults.map(({ path, what }) => ({ name: `${kind} ${name}`, what: path === '' ? what : `${path}: ${what}` }));
  });
}

function commandFaults(before: CommandContract, after: CommandContract): Fault[] {
  const asked = after.permissions.filter((permission) => !before.permissions.includes(permission));
  return [
    ...asked.map((permission) => ({ path: '', what: `needs another permission: ${permission}` })),
    ...within('data', before.data, after.data, 'input'),
    ...changed('reply', before.reply, after.reply),
    ...changed('streams', before.streams, after.streams),
    ...within('reply', before.replyData, after.replyData, 'output'),
  ];
}

function within(part: string, before: JsonSchema, after: JsonSchema, direction: Direction): Fault[] {
  return compareSchemas(before, after, direction, part);
}

function changed(what: string, before: unknown, after: unknown): Fault[] {
  return before === after ? [] : [{ path: '', what: `${what} changed: ${String(before)} → ${String(after)}` }];
}
