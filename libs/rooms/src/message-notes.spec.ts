import type { LoggedMessage } from '@hubbub/messages';
import fc from 'fast-check';
import { decodeMessageNote, encodeMessageNotes } from './message-notes.js';

const message = (seq: number, contentJson: string, senderName = 'Ann'): LoggedMessage => ({
  roomId: 'lobby',
  epoch: 'e1',
  seq,
  senderId: 'ann',
  senderName,
  contentJson,
  timestamp: 1,
  redacted: false,
});

describe('message notes', () => {
  it('carry every message to the character', () => {
    const content = fc.oneof(fc.json(), fc.constantFrom('{"b": 1.0,\n "a":\n2}', '1e400', '"\u2028"', '"😀"'));
    fc.assert(
      fc.property(fc.array(fc.tuple(content, fc.string({ unit: 'grapheme' })), { minLength: 1 }), (all) => {
        const messages = all.map(([text, name], at) => message(at + 1, text, name));
        const notes = encodeMessageNotes('e1', messages);
        expect(notes).toHaveLength(1);
        // As the bus carries it.
        const arrived = Buffer.from(notes[0] as string).toString();
        expect(decodeMessageNote('lobby', arrived)).toEqual(messages);
      }),
    );
  });

  it('are no larger than a bus takes, but for one message that is', () => {
    const large = JSON.stringify('x'.repeat(100 * 1024));
    const huge = JSON.stringify('x'.repeat(900 * 1024));
    const messages = [large, large, large, huge, large].map((text, at) => message(at + 1, text));
    const notes = encodeMessageNotes('e1', messages);
    expect(notes.map((note) => decodeMessageNote('lobby', note).map(({ seq }) => seq))).toEqual([
      [1, 2],
      [3],
      [4],
      [5],
    ]);
  });
});
