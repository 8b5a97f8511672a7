import { encodeRoomMessage, type WaitingFact, type WaitingMessage } from '@hubbub/messages';
import { type EventData, type Subject, subjectOf } from '@hubbub/protocol';
import { encodePacket } from '../events/packet.js';

export type Waiting = WaitingMessage | WaitingFact;

/** An event of the outbox as it leaves. */
export interface Leaving {
  /** Its row. */
  readonly row: number;
  readonly roomId: string | null;
  readonly subject: Subject;
  readonly id: string;
  /** Null where there is nothing left to tell: a message that is kept no longer. */
  readonly payload: string | null;
  /** The message that is to be gone from the stream before this leaves. */
  readonly erases?: { readonly epoch: string; readonly seq: number };
}

export function leavingOf(event: Waiting): Leaving {
  const { id: row, roomId, messageId: id } = event;
  if ('message' in event) {
    const subject = subjectOf('room_message', event.roomId);
    const payload = event.message === null ? null : encodePacket(subject, encodeRoomMessage(event.message));
    return { row, roomId, subject, id, payload };
  }
  const { subject } = event;
  const leaving = { row, roomId, subject, id, payload: encodePacket(subject, event.payload) };
  if (roomId === null || subject !== subjectOf('message_redacted', roomId)) return leaving;
  const { epoch, seq } = JSON.parse(event.payload) as EventData<'message_redacted'>;
  return { ...leaving, erases: { epoch, seq } };
}

/** Those of one room, which leave one behind the other; each of no room for itself. */
export function lanesOf(events: readonly Leaving[]): Leaving[][] {
  const rooms = new Map<string, Leaving[]>();
  const lanes: Leaving[][] = [];
  for (const event of events) {
    let lane = event.roomId === null ? undefined : rooms.get(event.roomId);
    if (lane === undefined) {
      lanes.push((lane = []));
      if (event.roomId !== null) rooms.set(event.roomId, lane);
    }
    lane.push(event);
  }
  return lanes;
}
