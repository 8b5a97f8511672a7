/** Addresses on the bus. The only place that makes them: an id from a user never widens a subscription. */

export type Subject = string & { readonly __subject: unique symbol };
export type EventScope = 'room' | 'user' | 'client' | 'node';

/** Encodes an id as one subject token: bytes outside `A-Za-z0-9_-` are written `=XX`. */
export function subjectKey(id: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(id)) return id;
  return Array.from(new TextEncoder().encode(id), (byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9_-]/.test(char) ? char : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

/** The id that `subjectKey` encoded. */
export function subjectId(key: string): string {
  const bytes = key.match(/=[0-9A-F]{2}|[^=]/g) ?? [];
  const codes = bytes.map((part) => (part.length === 3 ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0)));
  return new TextDecoder().decode(Uint8Array.from(codes));
}

/** A fact for services: `hubbub.evt.room.lobby.room_message`. */
export function eventSubject(scope: EventScope, id: string, event: string): Subject {
  return `hubbub.evt.${scope}.${subjectKey(id)}.${event}` as Subject;
}

/** As `eventSubject`, for what nothing keeps: ephemeral messages. In no stream. */
export function ephemeralSubject(scope: EventScope, id: string, event: string): Subject {
  return `hubbub.eph.${scope}.${subjectKey(id)}.${event}` as Subject;
}

/** A command of a service: `hubbub.cmd.create_room`. */
export function commandSubject(command: string): Subject {
  return `hubbub.cmd.${command}` as Subject;
}

/** What the nodes that have members of a room tell each other about it: its messages, comings and goings, changes. */
export function roomFeedSubject(roomId: string): Subject {
  return syncSubject(`room.${subjectKey(roomId)}`);
}

/** What the nodes that have connections of a user tell each other about him: his inbox, markers. */
export function userFeedSubject(userId: string): Subject {
  return syncSubject(`user.${subjectKey(userId)}`);
}

/** What nodes tell each other: `hubbub.sync.control`. */
export function syncSubject(topic: string): Subject {
  return `hubbub.sync.${topic}` as Subject;
}
