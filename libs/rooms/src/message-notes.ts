import type { LoggedMessage } from '@hubbub/messages';

/** Characters of content in one note; a larger message goes alone. Of UTF-8 they are at most three times as many bytes. */
const MOST_CHARS = 256 * 1024;

/** `seq`, sender, name, timestamp, length of the content in UTF-16 units. */
type Head = [number, string, string, number, number];

/**
 * Messages of one room as other nodes are told of them: the epoch on one line, then for each a line about it and its
 * content, which is not encoded again and arrives to the character.
 * @returns as few notes as carry them
 */
export function encodeMessageNotes(epoch: string, messages: readonly LoggedMessage[]): string[] {
  const notes: string[] = [];
  let note = epoch;
  let chars = 0;
  for (const { seq, senderId, senderName, timestamp, contentJson } of messages) {
    if (chars > 0 && chars + contentJson.length > MOST_CHARS) {
      notes.push(note);
      note = epoch;
      chars = 0;
    }
    const head: Head = [seq, senderId, senderName, timestamp, contentJson.length];
    note += `\n${JSON.stringify(head)}\n${contentJson}`;
    chars += contentJson.length;
  }
  notes.push(note);
  return notes;
}

export function decodeMessageNote(roomId: string, note: string): LoggedMessage[] {
  const messages: LoggedMessage[] = [];
  let at = note.indexOf('\n');
  const epoch = note.slice(0, at);
  while (at < note.length) {
    const start = note.indexOf('\n', at + 1) + 1;
    const [seq, senderId, senderName, timestamp, length] = JSON.parse(note.slice(at + 1, start - 1)) as Head;
    at = start + length;
    const contentJson = note.slice(start, at);
    messages.push({ roomId, epoch, seq, senderId, senderName, contentJson, timestamp, redacted: false });
  }
  return messages;
}
