import type { DirectMessage } from '@hubbub/protocol';
import { signal } from '@preact/signals';
import { Directs } from './directs.js';

const message = (seq: number, sender_id: string, target_id: string): DirectMessage => ({
  seq,
  sender_id,
  sender_name: sender_id.toUpperCase(),
  target_id,
  content: { text: String(seq) },
  timestamp: seq,
});

function directsOf(inbox: DirectMessage[], unread: Record<string, number> = {}) {
  const open = signal<Record<string, number>>({});
  const directs = new Directs({
    userId: 'me',
    inbox: async ({ before = Number.MAX_SAFE_INTEGER, limit }) => {
      const below = inbox.filter(({ seq }) => seq < before);
      return { messages: below.slice(-limit), epoch: 'e', seq: inbox.length, has_more: below.length > limit };
    },
    countUnread: async (userId) => unread[userId] ?? 0,
    unreadOf: (userId) => open.value[userId],
  });
  return { directs, open };
}

describe('Directs', () => {
  it('lists the people of the inbox, the latest first, with their unread messages', async () => {
    const { directs } = directsOf([message(1, 'bob', 'me'), message(2, 'me', 'eve'), message(3, 'bob', 'me')], {
      bob: 2,
    });
    await directs.load();
    expect(directs.entries.value).toMatchObject([
      { userId: 'bob', username: 'BOB', unread: 2, last: { seq: 3 } },
      { userId: 'eve', username: 'eve', unread: 0, last: { seq: 2 } },
    ]);
  });

  it('finds people beyond the first page of the inbox', async () => {
    const inbox = [message(1, 'old', 'me'), ...Array.from({ length: 400 }, (_, i) => message(i + 2, 'bob', 'me'))];
    const { directs } = directsOf(inbox);
    await directs.load();
    expect(directs.entries.value.map(({ userId }) => userId)).toEqual(['bob', 'old']);
  });

  it('counts what comes live, and not what one writes oneself', () => {
    const { directs } = directsOf([]);
    directs.receive(message(1, 'bob', 'me'));
    directs.receive(message(2, 'bob', 'me'));
    directs.receive(message(3, 'me', 'bob'));
    expect(directs.entries.value).toMatchObject([{ userId: 'bob', unread: 2, last: { seq: 3 } }]);
    directs.setUnread('bob', 0);
    expect(directs.entries.value).toMatchObject([{ unread: 0 }]);
  });

  it('believes an open conversation before its own count', () => {
    const { directs, open } = directsOf([]);
    directs.receive(message(1, 'bob', 'me'));
    open.value = { bob: 0 };
    expect(directs.entries.value).toMatchObject([{ userId: 'bob', unread: 0 }]);
  });

  it('shows somebody to whom nothing was written yet', () => {
    const { directs } = directsOf([]);
    directs.start('zoe', 'Zoe');
    expect(directs.entries.value).toEqual([{ userId: 'zoe', username: 'Zoe', unread: 0, last: null }]);
  });
});
