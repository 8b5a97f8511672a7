import { EVENTS, type EventType, matchesPattern, subjectId, subjectKey } from '@hubbub/protocol';

/** Where an event came from: its subject, read. */
export interface EventAddress {
  readonly type: string;
  /** Id of the room, user, connection or node. */
  readonly key: string;
  /** What is kept in order: events of one room, user, connection or node. */
  readonly lane: string;
}

/** Which events a handler is for. */
export interface EventFilter {
  readonly type: EventType;
  /** Rooms, `*` for any characters; undefined for all. */
  readonly room?: string | undefined;
}

export function readAddress(subject: string): EventAddress {
  const [, , scope = '', key = '', type = ''] = subject.split('.');
  return { type, key: subjectId(key), lane: `${scope}.${key}` };
}

/**
 * The narrowest subscription that has all events of a filter. A key is one encoded token, so NATS knows one room or all of
 * them: a pattern is all of them, of which `matches` takes some.
 * @param space `eph` for what nothing keeps
 */
export function subscriptionOf({ type, room }: EventFilter, space: 'evt' | 'eph' = 'evt'): string {
  const key = room === undefined || room.includes('*') ? '*' : subjectKey(room);
  return `hubbub.${space}.${EVENTS[type].scope}.${key}.${type}`;
}

export function matches({ type, room }: EventFilter, address: EventAddress): boolean {
  return address.type === type && (room === undefined || matchesPattern(room, address.key));
}

/** One subscription that has all that these have, and perhaps more. @param subscriptions at least one, of equal length */
export function coverOf(subscriptions: readonly string[]): string {
  const [first = '', ...others] = subscriptions;
  return others.reduce((cover, other) => {
    const tokens = other.split('.');
    return cover
      .split('.')
      .map((token, at) => (token === tokens[at] ? token : '*'))
      .join('.');
  }, first);
}
