import type { Decision } from '../decision.js';
import { noticeKey, noticeOf } from './notice.js';

const decision: Decision = {
  id: 'e:7',
  timestamp: 1,
  room_id: 'r',
  epoch: 'e',
  seq: 7,
  user_id: 'mallory',
  username: "$& Mallory $'",
  rule: 'word',
  action: 'kicked',
  offence: 3,
};

it('a notice names the sender as he is called, and the message by its number', () => {
  expect(noticeOf(decision)).toEqual({
    type: 'moderation',
    text: "A message of $& Mallory $' was removed, and $& Mallory $' was sent out of the room.",
    action: 'kicked',
    rule: 'word',
    seq: 7,
    user_id: 'mallory',
  });
});

it('the key of a notice is one for a decision, and not longer than a key may be', () => {
  const keys = ['e:7', 'e:8', `${'x'.repeat(64)}:9007199254740991`].map((id) => noticeKey({ id }));
  expect([keys[0], new Set(keys).size]).toEqual([noticeKey(decision), 3]);
  for (const key of keys) expect(key.length).toBeLessThanOrEqual(64);
});
