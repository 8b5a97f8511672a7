import { HubbubError } from '@hubbub/protocol';
import { CommandCaller } from './command-caller.js';
import { type CommandRequest, CommandTransport } from './command-transport.js';

/** Fails as it is told, and then answers. */
class Failing extends CommandTransport {
  readonly asked: CommandRequest[] = [];

  constructor(private readonly failures: Error[]) {
    super();
  }

  async request(command: CommandRequest): Promise<unknown> {
    this.asked.push(command);
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    return { seq: 1 };
  }
}
const away = () => new HubbubError('ServerError', { retryAfterMs: 1 });
const slow = () => new HubbubError('Timeout', { retryAfterMs: 1 });
const message = { room_id: 'r', content: 1 };

describe('CommandCaller', () => {
  it('sends a message again with the key of the first time', async () => {
    const transport = new Failing([away(), slow()]);
    expect(await new CommandCaller(transport, {}).call('room_message', message)).toEqual({ seq: 1 });
    const keys = transport.asked.map(({ data }) => (data as { idempotency_key: string }).idempotency_key);
    expect(keys).toEqual([expect.any(String), keys[0], keys[0]]);
    await new CommandCaller(transport, {}).call('room_message', message);
    expect(transport.asked[3]?.data).not.toMatchObject({ idempotency_key: keys[0] });
  });

  it('keeps a key that it is given', async () => {
    const transport = new Failing([away()]);
    const keyed = { target_id: 'a', content: 1, idempotency_key: 'k' };
    await new CommandCaller(transport, {}).call('direct_message', keyed);
    expect(transport.asked.map(({ data }) => data)).toEqual([keyed, keyed]);
  });

  it('gives up after so many retries, with the last error', async () => {
    const transport = new Failing([away(), away(), slow(), away()]);
    const caller = new CommandCaller(transport, { retries: 2 });
    await expect(caller.call('room_message', message)).rejects.toMatchObject({ name: 'Timeout' });
    expect(transport.asked).toHaveLength(3);
  });

  it.each([
    ['what has no key', 'create_room', {}, away()],
    ['what is not stored', 'room_message', { ...message, ephemeral: true }, slow()],
    ['what cannot pass', 'room_message', message, new HubbubError('RoomNotFound')],
  ] as const)('does not repeat %s', async (_, name, data, failure) => {
    const transport = new Failing([failure]);
    await expect(new CommandCaller(transport, {}).call(name, data)).rejects.toBe(failure);
    expect(transport.asked).toHaveLength(1);
  });

  it.each(['nothing', '__proto__', '*', '../stats'])('asks nobody about what is no command: %s', async (name) => {
    const transport = new Failing([]);
    const asked = new CommandCaller(transport, {}).call(name as 'stats', {});
    await expect(asked).rejects.toMatchObject({ name: 'UnknownType' });
    expect(transport.asked).toEqual([]);
  });

  it('gets a token for each attempt where it is given what gets one', async () => {
    let count = 0;
    const transport = new Failing([away()]);
    await new CommandCaller(transport, { token: async () => `t${++count}` }).call('room_message', message);
    expect(transport.asked.map(({ token }) => token)).toEqual(['t1', 't2']);
  });

  it('throws anything else as an error of Hubbub', async () => {
    const cause = new TypeError('?');
    const caller = new CommandCaller(new Failing([cause]), {});
    await expect(caller.call('stats', {})).rejects.toMatchObject({ name: 'Unknown', cause });
  });
});
