import { HubbubError } from '@hubbub/protocol';
import type { Attendance, SeatRequest } from '../attendance.js';

export interface AttendanceUnderTest {
  readonly attendance: Attendance;
  /** Makes a room that everybody may join. @returns its epoch */
  makeRoom(roomId: string, maxClients: number): Promise<string>;
  /** Resolves when everything asked for so far is in force. */
  settled(): Promise<void>;
  /** Ends all seats of a user, as a kick does. @returns whether he had one */
  unseat(roomId: string, userId: string): Promise<boolean>;
  close(): Promise<void>;
}

/** What every Attendance promises. */
export function describeAttendanceContract(name: string, make: () => Promise<AttendanceUnderTest>): void {
  describe(name, () => {
    let test: AttendanceUnderTest;
    let attendance: Attendance;
    let epoch: string;
    const roomId = 'r';
    beforeEach(async () => {
      test = await make();
      attendance = test.attendance;
      epoch = await test.makeRoom(roomId, 2);
    });
    afterEach(() => test.close());

    // Async, so that a throw and a rejection are the same.
    const take = async (userId: string, more: Partial<SeatRequest> = {}) =>
      attendance.take({ roomId, epoch, maxClients: 2, userId, username: userId, admin: false, ...more });
    const free = async (userId: string) => {
      attendance.release(roomId, userId);
      await attendance.freed(roomId, userId);
    };

    it('counts a user once, whatever the number of uses, until the last is over', async () => {
      await take('ann');
      await take('ann');
      await take('bob');
      await expect(take('cid')).rejects.toThrow(new HubbubError('RoomFull'));
      await free('ann');
      await expect(take('cid')).rejects.toThrow(new HubbubError('RoomFull'));
      await free('ann');
      await take('cid');
    });

    it('says since when a user is in the room, alike for all his uses', async () => {
      const since = await take('ann');
      expect(Math.abs(since - Date.now())).toBeLessThan(60_000);
      expect(await take('ann')).toBe(since);
    });

    it('has a place again for whoever comes after a failed attempt', async () => {
      await Promise.all([take('ann'), take('bob')]);
      await expect(take('cid')).rejects.toThrow(new HubbubError('RoomFull'));
      expect(attendance.holds(roomId, 'cid')).toBe(false);
      await free('ann');
      await take('dan');
      expect(attendance.holds(roomId, 'dan')).toBe(true);
    });

    it('never lets in more than there are seats, of users who come at the same time', async () => {
      const users = Array.from({ length: 30 }, (_, n) => `user${n}`);
      const results = await Promise.allSettled(users.map((user) => take(user)));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
      expect(users.filter((user) => attendance.holds(roomId, user))).toHaveLength(2);
    });

    it('has any number of seats where there is no limit, and ids of any kind', async () => {
      epoch = await test.makeRoom('wide', 0);
      const users = ['a', 'A', 'a ', 'ä', "'; DROP TABLE room_seat; --", '💃', '%', '\u007f'];
      await Promise.all(users.map((userId) => take(userId, { roomId: 'wide', maxClients: 0 })));
      expect(users.filter((userId) => attendance.holds('wide', userId))).toEqual(users);
    });

    it('ends all seats of a user at once, however many uses they have', async () => {
      await Promise.all([take('ann'), take('ann'), take('bob')]);
      expect(await test.unseat(roomId, 'ann')).toBe(true);
      expect(await test.unseat(roomId, 'nobody')).toBe(false);
      attendance.release(roomId, 'ann');
      attendance.release(roomId, 'ann');
      await test.settled();
      expect(attendance.holds(roomId, 'ann')).toBe(false);
      await take('cid');
      await expect(take('ann')).rejects.toThrow(new HubbubError('RoomFull'));
    });

    it('comes to the same, whatever the order of comings and goings', async () => {
      const rounds = Array.from({ length: 20 }, async () => {
        const took = await take('ann').then(
          () => true,
          () => false,
        );
        if (took) attendance.release(roomId, 'ann');
      });
      await Promise.all(rounds);
      await test.settled();
      expect(attendance.holds(roomId, 'ann')).toBe(false);
      await Promise.all([take('bob'), take('cid')]);
    });
  });
}
