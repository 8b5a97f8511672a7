import fc from 'fast-check';
import { decodeInboxNote, encodeInboxNote } from './inbox-note.js';

describe('the note of a direct message', () => {
  it('carries it to the character', () => {
    const text = fc.string({ unit: 'grapheme' });
    const message = fc.record({
      seq: fc.nat(),
      senderId: text,
      senderName: text,
      targetId: text,
      timestamp: fc.nat(),
      contentJson: fc.oneof(fc.json(), fc.constantFrom('{"b": 1.0,\n "a":\n2}', '1e400', '"\u2028"', '"😀"')),
    });
    fc.assert(
      fc.property(fc.record({ message, question: fc.option(fc.maxSafeNat()) }), (note) => {
        // As the bus carries it.
        expect(decodeInboxNote(Buffer.from(encodeInboxNote(note)).toString())).toEqual(note);
      }),
    );
  });
});
