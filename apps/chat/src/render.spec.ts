import type { Member, RoomMessage } from '@hubbub/protocol';
import * as render from './render.js';

const noon = new Date(2026, 0, 1, 12, 5).getTime();
const bell = '\u0007';

const message = (changes: Partial<RoomMessage>): RoomMessage => ({
  room_id: 'lobby',
  epoch: 'e',
  seq: 1,
  sender_id: 'bob',
  sender_name: 'Bob',
  content: 'hello',
  timestamp: noon,
  ...changes,
});
const member = (username: string, changes: Partial<Member> = {}): Member => ({
  user_id: username.toLowerCase(),
  username,
  connections: 1,
  joined_at: noon,
  ...changes,
});
const diff = { room_id: 'lobby', joined: [], left: [], updated: [], member_count: 2 };

describe('what is shown', () => {
  it('of a message is time, name and text, or the JSON of what is no text', () => {
    expect(render.roomMessage(message({}))).toBe('12:05 Bob: hello');
    expect(render.roomMessage(message({ content: { a: [1] } }))).toBe('12:05 Bob: {"a":[1]}');
    expect(render.roomMessage(message({ content: null, redacted: true }))).toBe('12:05 Bob: (removed)');
  });

  it('of a direct message is who wrote to whom, as its reader sees it', () => {
    const direct = { sender_id: 'bob', sender_name: 'Bob', target_id: 'al', content: 'psst', seq: 1, timestamp: noon };
    expect(render.directMessage(direct, 'al')).toBe('12:05 Bob → you: psst');
    expect(render.directMessage(direct, 'bob')).toBe('12:05 you → al: psst');
    expect(render.directMessage({ ...direct, target_id: 'bob' }, 'bob')).toBe('12:05 you → you: psst');
  });

  it('of presence is who came, went and changed, but not one’s own coming', () => {
    const joined = [member('Al'), member('Bob', { state: { mood: 'busy' } })];
    expect(render.presence({ ...diff, joined, left: [member('Cy')] }, 'al')).toEqual([
      '* Bob joined {"mood":"busy"}',
      '* Cy left',
    ]);
    expect(render.presence({ ...diff, updated: [member('Cy', { state: { away: true } })] }, 'al')).toEqual([
      '* Cy is {"away":true}',
    ]);
    expect(render.presence({ ...diff, member_count: 501 }, 'al')).toEqual(['* 501 here']);
  });

  it('of a long list says how many more there are', () => {
    expect(render.memberList([member('Al', { connections: 2 }), member('Bob')], 3)).toBe(
      '* here: Al ×2, Bob and 3 more',
    );
  });

  it('never holds a control character of somebody else', () => {
    const name = `Bob${bell}`;
    const direct = { sender_id: name, sender_name: name, target_id: 'x', content: bell, seq: 1, timestamp: noon };
    const evil = member(name, { state: { [bell]: bell } });
    const lines = [
      render.roomMessage(message({ sender_name: name, content: bell })),
      render.roomMessage(message({ content: { [bell]: '\u202e\u009b' } })),
      render.directMessage(direct, 'x'),
      ...render.presence({ ...diff, joined: [evil], left: [evil], updated: [evil] }, 'x'),
      render.memberList([evil], 0),
      render.lost(1, name),
    ];
    // oxlint-disable-next-line no-control-regex
    for (const line of lines) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  });
});
