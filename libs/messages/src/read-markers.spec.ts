import { describeOnEveryDatabase } from '@hubbub/storage/testing';
import { MessageLogEntity } from './message.entities.js';
import { ReadMarkers } from './read-markers.js';
import { type OpenMessages, openMessages } from './testing/index.js';

describeOnEveryDatabase('ReadMarkers', (open) => {
  let messages: OpenMessages;
  beforeEach(async () => {
    messages = await openMessages({ open });
  });
  afterEach(() => messages.close());

  const post = (senderId: string, roomId = 'lobby') => ({ roomId, senderId, senderName: senderId, contentJson: '1' });
  const direct = (senderId: string, targetId: string) => ({
    senderId,
    senderName: senderId,
    targetId,
    contentJson: '1',
  });

  it('counts the messages of others above the marker', async () => {
    await messages.createRoom('lobby');
    await messages.store.append(
      ['ann', 'bob', 'ann', 'bob', 'eve'].map((sender) => post(sender)),
      1,
    );
    expect(await messages.markers.mark('ann', { roomId: 'lobby' }, 1)).toEqual({ seq: 1, unread: 3 });
    expect(await messages.markers.mark('ann', { roomId: 'lobby' }, 4)).toEqual({ seq: 4, unread: 1 });
    expect(await messages.markers.mark('bob', { roomId: 'lobby' }, 0)).toEqual({ seq: 0, unread: 3 });
  });

  it('never goes back, and never beyond the head', async () => {
    await messages.createRoom('lobby');
    await messages.store.append([post('ann'), post('ann')], 1);
    expect(await messages.markers.mark('bob', { roomId: 'lobby' }, 99)).toEqual({ seq: 2, unread: 0 });
    expect(await messages.markers.mark('bob', { roomId: 'lobby' }, 1)).toEqual({ seq: 2, unread: 0 });
    await messages.store.append([post('ann')], 2);
    expect(await messages.markers.unread('bob', ['lobby'])).toEqual(new Map([['lobby', 1]]));
  });

  it('lists unread counts only where the user has a marker', async () => {
    for (const roomId of ['a', 'b', 'c']) {
      await messages.createRoom(roomId);
      await messages.store.append([post('ann', roomId), post('ann', roomId)], 1);
    }
    await messages.markers.mark('bob', { roomId: 'a' }, 1);
    await messages.markers.mark('bob', { roomId: 'b' }, 2);
    await messages.markers.mark('eve', { roomId: 'c' }, 1);
    const unread = await messages.markers.unread('bob', ['a', 'b', 'c', 'nowhere']);
    expect(unread).toEqual(
      new Map([
        ['a', 1],
        ['b', 0],
      ]),
    );
    expect(await messages.markers.unread('bob', [])).toEqual(new Map());
  });

  it('does not count what is no longer kept, nor a marker of a room that was made again', async () => {
    await messages.createRoom('lobby');
    await messages.store.append(
      Array.from({ length: 5 }, () => post('ann')),
      1,
    );
    await messages.markers.mark('bob', { roomId: 'lobby' }, 1);
    await messages.database.transaction((manager) =>
      manager.update(MessageLogEntity, { ownerId: 'lobby' }, { floor: 3 }),
    );
    expect(await messages.markers.unread('bob', ['lobby'])).toEqual(new Map([['lobby', 2]]));
    await messages.removeRoom('lobby');
    await messages.createRoom('lobby');
    expect(await messages.markers.unread('bob', ['lobby'])).toEqual(new Map());
  });

  it('refuses an unknown room', async () => {
    await expect(messages.markers.mark('ann', { roomId: 'nowhere' }, 1)).rejects.toMatchObject({
      name: 'RoomNotFound',
    });
  });

  it('keeps a marker for each peer in the inbox, and counts what came from him', async () => {
    await messages.store.append(
      [direct('bob', 'ann'), direct('ann', 'bob'), direct('eve', 'ann'), direct('bob', 'ann')],
      1,
    );
    expect(await messages.markers.mark('ann', { peerId: 'bob' }, 0)).toEqual({ seq: 0, unread: 2 });
    expect(await messages.markers.mark('ann', { peerId: 'bob' }, 2)).toEqual({ seq: 2, unread: 1 });
    expect(await messages.markers.mark('ann', { peerId: 'eve' }, 99)).toEqual({ seq: 4, unread: 0 });
    expect(await messages.markers.mark('ann', { peerId: 'ann' }, 0)).toEqual({ seq: 0, unread: 0 });
    expect(await messages.markers.mark('nobody', { peerId: 'bob' }, 7)).toEqual({ seq: 0, unread: 0 });
  });

  it('is not moved back by two devices at once', async () => {
    await messages.createRoom('lobby');
    await messages.store.append(
      Array.from({ length: 9 }, () => post('ann')),
      1,
    );
    const other = await open({ like: messages.database });
    const markers = [messages.markers, new ReadMarkers(other)];
    const wanted = [3, 9, 1, 5, 2, 7];
    const marks = wanted.map(async (seq, n) => markers[n % 2]?.mark('bob', { roomId: 'lobby' }, seq));
    for (const [n, mark] of (await Promise.all(marks)).entries()) {
      expect(mark?.seq).toBeGreaterThanOrEqual(wanted[n] ?? 0);
      expect(mark?.unread).toBe(9 - (mark?.seq ?? 0));
    }
    expect(await messages.markers.mark('bob', { roomId: 'lobby' }, 0)).toEqual({ seq: 9, unread: 0 });
    await other.close();
  });
});
