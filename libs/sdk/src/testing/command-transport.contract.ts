import type { CommandTransport } from '../index.js';

export interface TransportsUnderTest {
  /** To a gateway that has the room `there`. */
  readonly transport: CommandTransport;
  /** Of an operator there. */
  readonly token: string;
  /** To somebody who never answers. */
  readonly unanswered: CommandTransport;
  /** To nobody. */
  readonly alone: CommandTransport;
}

/** What every way to the gateways does alike. */
export function describeCommandTransport(name: string, under: () => TransportsUnderTest): void {
  describe(name, () => {
    const ask = (command: string, data: unknown, token: string | undefined = under().token) =>
      under().transport.request({ name: command, data, token, timeoutMs: 10_000 });

    it('brings the data of the answer', async () => {
      expect(await ask('get_room', { room_id: 'there' })).toMatchObject({ room: { id: 'there' } });
      expect(await ask('stats', undefined)).toMatchObject({ cluster_mode: true });
    });

    it.each([[null], [0], [''], [[1, 'two', { three: null }]], [{ ü: '"\\\u2028' }], [1.5e300]])(
      'carries %j as it is',
      async (content) => {
        const { seq } = (await ask('room_message', { room_id: 'there', content })) as { seq: number };
        const { messages } = (await ask('room_history', { room_id: 'there', after: seq - 1 })) as {
          messages: unknown[];
        };
        expect(messages).toMatchObject([{ seq, content }]);
      },
    );

    it('throws the errors of the gateway as they are', async () => {
      await expect(ask('get_room', { room_id: 'nowhere' })).rejects.toMatchObject({
        ...{ name: 'RoomNotFound', code: 3000, retryable: false, message: expect.any(String) },
      });
      await expect(ask('get_room', { room_id: 7 })).rejects.toMatchObject({
        name: 'InvalidFormat',
        details: [{ path: '/room_id', message: expect.any(String) }],
      });
      await expect(ask('made_up', {})).rejects.toMatchObject({ name: 'UnknownType' });
      await expect(ask('stats', {}, 'broken')).rejects.toMatchObject({ name: 'InvalidToken' });
      const nobody = under().transport.request({ name: 'stats', data: {}, timeoutMs: 10_000 });
      await expect(nobody).rejects.toMatchObject({ name: 'Unauthorized' });
    });

    it('throws InvalidFormat for what is no JSON, and MessageTooLarge for what is too much', async () => {
      await expect(ask('broadcast', { message: 1n })).rejects.toMatchObject({ name: 'InvalidFormat' });
      const content = 'x'.repeat(2_000_000);
      await expect(ask('room_message', { room_id: 'there', content })).rejects.toMatchObject({
        name: 'MessageTooLarge',
      });
    });

    it('throws Timeout where no answer comes, and ServerError where nobody is there: both may pass', async () => {
      const request = { name: 'stats', data: {}, timeoutMs: 200 };
      await expect(under().unanswered.request(request)).rejects.toMatchObject({ name: 'Timeout', retryable: true });
      await expect(under().alone.request(request)).rejects.toMatchObject({ name: 'ServerError', retryable: true });
    });
  });
}
