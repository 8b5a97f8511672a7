import fc from 'fast-check';
import { eventSubject, subjectId, subjectKey } from './index.js';

describe('subjects', () => {
  it('never let an id widen or split a subject', () => {
    expect(eventSubject('room', 'a.*.> b', 'room_message')).toBe('hubbub.evt.room.a=2E=2A=2E=3E=20b.room_message');
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (id) => {
        expect(subjectKey(id)).toMatch(/^[A-Za-z0-9_=-]+$/);
        expect(subjectId(subjectKey(id))).toBe(id);
      }),
    );
  });
});
