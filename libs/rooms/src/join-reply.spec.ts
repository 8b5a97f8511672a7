import type { LoggedMessage } from '@hubbub/messages';
import { joinReply } from './join-reply.js';
import type { RoomMembers } from './members.service.js';
import type { RoomInfo } from './room-info.js';

const members = { countHere: () => 0, pageHere: () => ({ members: [] }) } as unknown as RoomMembers;
const room: RoomInfo = {
  id: 'r',
  epoch: 'e',
  name: 'r',
  visibility: 'public',
  history: 'durable',
  maxClients: 0,
  metadata: {},
  createdAt: 0,
};
const message: LoggedMessage = {
  roomId: 'r',
  epoch: 'e',
  seq: 1,
  senderId: 'u1',
  senderName: 'u1',
  contentJson: '"hello"',
  timestamp: 0,
  redacted: false,
};

/** The content of the one message that a member who comes is told of. */
function told(messages: readonly LoggedMessage[]): unknown {
  const { text } = joinReply({ room, seq: 1, recovered: true, missed: 1, messages }, members, 'u1');
  return JSON.parse(text).messages[0].content;
}

describe('the past that a join is answered with', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  // The text may be as large as the list, and only the list is in the limit of the log's memory.
  it('is written once for those who come within a second, and then let go of', () => {
    const list = [message];
    expect(told(list)).toBe('hello');
    list[0] = { ...message, contentJson: '"not read"' };
    expect(told(list)).toBe('hello');
    jest.advanceTimersByTime(1000);
    expect(told(list)).toBe('not read');
  });

  it('is written anew for another list', () => {
    expect(told([message])).toBe('hello');
    expect(told([{ ...message, contentJson: 'null', redacted: true }])).toBeNull();
  });
});
