import { isValid, PUSHES } from '@hubbub/protocol';
import { encodeDirectMessage, encodeRoomMessage } from './encode.js';
import type { LoggedMessage } from './messages.js';

const message: LoggedMessage = {
  roomId: 'lobby',
  epoch: 'e1',
  seq: 7,
  senderId: 'a "quoted" id',
  senderName: 'Ann',
  contentJson: '{"b":1.0,"a":9007199254740993, "b":2}',
  timestamp: 1700000000000,
  redacted: false,
};

describe('encoding of messages', () => {
  it('keeps every character of the content', () => {
    expect(encodeRoomMessage(message)).toContain(`,"content":${message.contentJson},`);
    const direct = encodeDirectMessage({ ...message, targetId: 'bob' });
    expect(direct).toContain(`,"content":${message.contentJson},`);
  });

  it('is what the protocol says of a room message', () => {
    const data: unknown = JSON.parse(
      encodeRoomMessage({ ...message, contentJson: 'null', redacted: true }, { historic: true }),
    );
    expect(isValid(PUSHES.room_message, data)).toBe(true);
    expect(data).toEqual({
      room_id: 'lobby',
      epoch: 'e1',
      seq: 7,
      sender_id: 'a "quoted" id',
      sender_name: 'Ann',
      content: null,
      timestamp: 1700000000000,
      redacted: true,
      historic: true,
    });
    expect(JSON.parse(encodeRoomMessage(message))).not.toHaveProperty('historic');
  });

  it('is what the protocol says of a room message that is not kept', () => {
    const { seq: _, redacted: __, ...passing } = message;
    const data: unknown = JSON.parse(encodeRoomMessage({ ...passing, ephemeral: true }));
    expect(isValid(PUSHES.room_message, data)).toBe(true);
    expect(data).toMatchObject({ room_id: 'lobby', epoch: 'e1', sender_id: 'a "quoted" id', ephemeral: true });
    expect(data).not.toHaveProperty('seq');
    expect(data).not.toHaveProperty('redacted');
  });

  it('is what the protocol says of a direct message', () => {
    const data: unknown = JSON.parse(encodeDirectMessage({ ...message, targetId: 'bob' }));
    expect(isValid(PUSHES.direct_message, data)).toBe(true);
    expect(data).toMatchObject({ sender_id: 'a "quoted" id', target_id: 'bob', seq: 7 });
  });
});
