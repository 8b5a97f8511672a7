import type { InboxMessage } from './messages.js';

/** A direct message as other nodes are told of it. */
export interface InboxNote {
  readonly message: InboxMessage;
  /** Of the question to how many connections it is handed there; null where nobody asks. */
  readonly question: number | null;
}

/** `seq`, sender, name, target, timestamp, question. */
type Head = [number, string, string, string, number, number | null];

/** A line about the message, and then its content, which is not encoded again and arrives to the character. */
export function encodeInboxNote({ message, question }: InboxNote): string {
  const { seq, senderId, senderName, targetId, timestamp, contentJson } = message;
  const head: Head = [seq, senderId, senderName, targetId, timestamp, question];
  return `${JSON.stringify(head)}\n${contentJson}`;
}

export function decodeInboxNote(note: string): InboxNote {
  const end = note.indexOf('\n');
  const [seq, senderId, senderName, targetId, timestamp, question] = JSON.parse(note.slice(0, end)) as Head;
  const contentJson = note.slice(end + 1);
  return { message: { seq, senderId, senderName, targetId, contentJson, timestamp }, question };
}
