import { HubbubError, PermissionSet, type PushData } from '@hubbub/protocol';
import type { Push } from '@hubbub/transport';
import type { InboxConnection } from './inboxes.service.js';
import type { NewDirectMessage } from './messages.js';
import { type OpenMessages, openMessages } from './testing/index.js';

/** The end of a connection that inboxes see: what it was handed, in order, replies among it. */
class Recipient implements InboxConnection {
  readonly got: string[] = [];
  readonly seqs: number[] = [];
  hasEnded = false;
  readonly identity;

  constructor(userId: string) {
    this.identity = { userId, username: userId, anonymous: false, permissions: PermissionSet.NONE };
  }

  send(push: Push): void {
    const { content, seq } = JSON.parse(push.dataJson) as PushData<'direct_message'>;
    this.got.push(`${push.messageType} ${String(content)}`);
    this.seqs.push(seq);
  }
}

describe('DirectMessages', () => {
  let messages: OpenMessages;
  beforeEach(async () => {
    messages = await openMessages({ config: { cluster: { repairMs: 50 } } });
  });
  afterEach(() => messages.close());

  const connect = async (userId: string): Promise<Recipient> => {
    const connection = new Recipient(userId);
    await messages.inboxes.open(connection);
    return connection;
  };
  /** Sends as the owner of `from`; its answer is noted where it comes among the pushes to `from`. */
  const send = (from: Recipient, targetId: string, content: string, over: Partial<NewDirectMessage> = {}) => {
    const { userId } = from.identity;
    const message = { senderId: userId, senderName: userId, targetId, contentJson: JSON.stringify(content), ...over };
    const answer = messages.directMessages.send(message, from);
    answer.onSettled((error, reply) => {
      from.got.push(error === undefined ? `reply ${content}` : `error ${(error as Error).name}`);
      if (reply !== undefined && reply.duplicate !== true) from.seqs.push(reply.seq);
    });
    return answer.promise();
  };

  it('reaches all connections of the target and the other ones of the sender', async () => {
    const [ann1, ann2, bob1, bob2, eve] = await Promise.all(['ann', 'ann', 'bob', 'bob', 'eve'].map(connect));
    if (!ann1 || !ann2 || !bob1 || !bob2 || !eve) throw new Error('not connected');
    expect(await send(ann1, 'bob', 'hi')).toMatchObject({ target_id: 'bob', seq: 1, delivered: 2 });
    expect(bob1.got).toEqual(['direct_message hi']);
    expect(bob2.got).toEqual(['direct_message hi']);
    expect(ann2.got).toEqual(['direct_message hi']);
    expect(ann1.got).toEqual(['reply hi']);
    expect(eve.got).toEqual([]);
  });

  it('keeps what is sent to somebody who is away, and says so', async () => {
    const ann = await connect('ann');
    expect(await send(ann, 'bob', 'later')).toMatchObject({ delivered: 0 });
    const bob = new Recipient('bob');
    expect(await messages.inboxes.open(bob)).toEqual({ epoch: await messages.store.inboxEpoch(), seq: 1 });
    expect(bob.got).toEqual([]);
    expect((await messages.store.readInbox('bob', { limit: 10 })).messages).toMatchObject([{ contentJson: '"later"' }]);
  });

  it('hands every connection its inbox in order of seq, replies in their places', async () => {
    const ann = await connect('ann');
    const ann2 = await connect('ann');
    const bob = await connect('bob');
    const answers = [];
    for (let n = 0; n < 50; n++) {
      answers.push(send(ann, 'bob', `a${n}`), send(bob, 'ann', `b${n}`), send(ann2, 'eve', `c${n}`));
      if (n % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(answers);
    const all = (last: number): number[] => Array.from({ length: last }, (_, at) => at + 1);
    expect(ann.seqs).toEqual(all(150));
    expect(ann2.seqs).toEqual(all(150));
    expect(bob.seqs).toEqual(all(100));
  });

  it('shows a message to oneself once on every other connection', async () => {
    const ann1 = await connect('ann');
    const ann2 = await connect('ann');
    expect(await send(ann1, 'ann', 'note')).toMatchObject({ seq: 1, delivered: 1 });
    expect(ann1.got).toEqual(['reply note']);
    expect(ann2.got).toEqual(['direct_message note']);
  });

  it('delivers a repeated key once, and answers the repeat with the first seq', async () => {
    const ann = await connect('ann');
    const bob = await connect('bob');
    const key = { idempotencyKey: 'k' };
    const first = await send(ann, 'bob', 'once', key);
    const repeat = await send(ann, 'bob', 'once', key);
    expect(repeat).toMatchObject({ seq: first.seq, timestamp: first.timestamp, duplicate: true });
    expect(bob.got).toEqual(['direct_message once']);
  });

  it('answers a blocked sender as usual, and shows the target nothing', async () => {
    const ann1 = await connect('ann');
    const ann2 = await connect('ann');
    const bob = await connect('bob');
    await messages.blocks.set('bob', 'ann', true);
    expect(await send(ann1, 'bob', 'psst')).toEqual({
      target_id: 'bob',
      seq: 1,
      delivered: 0,
      timestamp: expect.any(Number) as number,
    });
    expect(bob.got).toEqual([]);
    expect(ann2.got).toEqual(['direct_message psst']);
    await messages.blocks.set('bob', 'ann', false);
    expect(await send(ann1, 'bob', 'hello')).toMatchObject({ seq: 2, delivered: 1 });
    expect(bob.got).toEqual(['direct_message hello']);
  });

  it('leaves no gap and no overlap between where an inbox stood and the first push', async () => {
    const ann = await connect('ann');
    for (let round = 0; round < 20; round++) {
      const answers = [0, 1, 2, 3, 4].map((n) => send(ann, 'bob', `${round}-${n}`));
      for (let turns = round % 4; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
      const bob = new Recipient('bob');
      const { seq } = await messages.inboxes.open(bob);
      await Promise.all(answers);
      await send(ann, 'bob', 'last');
      const head = await messages.store.inboxHead('bob');
      expect(bob.seqs).toEqual(Array.from({ length: head - seq }, (_, at) => seq + at + 1));
      messages.inboxes.close(bob);
    }
  });

  it('hands nothing to a connection that ended while its inbox was being opened, and keeps nothing of it', async () => {
    const bob = new Recipient('bob');
    const opening = messages.inboxes.open(bob);
    messages.inboxes.close(bob);
    bob.hasEnded = true;
    await opening;
    expect(messages.inboxes.count).toBe(0);
    await send(await connect('ann'), 'bob', 'hi');
    expect(bob.got).toEqual([]);
  });

  it('answers when the connection of the sender has ended meanwhile', async () => {
    const ann = await connect('ann');
    const answer = send(ann, 'bob', 'bye');
    messages.inboxes.close(ann);
    expect(await answer).toMatchObject({ seq: 1, delivered: 0 });
    expect(messages.inboxes.count).toBe(0);
  });

  it('brings what was stored without its commit being reported, before what follows', async () => {
    const bob = await connect('bob');
    const ann = await connect('ann');
    const lost = { senderId: 'eve', senderName: 'eve', targetId: 'bob', contentJson: '"lost"' };
    await messages.store.append([lost, { ...lost, contentJson: '"lost too"' }], Date.now());
    await send(ann, 'bob', 'next');
    expect(await messages.markers.mark('bob', { peerId: 'eve' }, 0)).toMatchObject({ unread: 2 });
    expect(bob.got).toEqual(['direct_message lost', 'direct_message lost too', 'direct_message next']);
    expect(messages.metrics.repairs.samples()[0]?.value).toBe(1);
  });

  it('tries again when the database is away while something is missing', async () => {
    const bob = await connect('bob');
    const arrived = new Promise<void>((resolve) => {
      const send = bob.send.bind(bob);
      bob.send = (push) => {
        send(push);
        if (bob.got.length === 2) resolve();
      };
    });
    jest.spyOn(messages.store, 'readInbox').mockRejectedValueOnce(new HubbubError('ServerError'));
    const lost = { senderId: 'eve', senderName: 'eve', targetId: 'bob', contentJson: '"lost"' };
    await messages.store.append([lost], Date.now());
    await send(new Recipient('ann'), 'bob', 'next');
    await arrived;
    expect(bob.got).toEqual(['direct_message lost', 'direct_message next']);
  });

  it('says ServerError, and delivers nothing, when the database is away', async () => {
    const ann = await connect('ann');
    const bob = await connect('bob');
    await messages.database.close();
    await expect(send(ann, 'bob', 'hi')).rejects.toMatchObject({ name: 'ServerError', retryable: true });
    expect(bob.got).toEqual([]);
    await expect(connect('eve')).rejects.toMatchObject({ name: 'ServerError' });
    expect(messages.inboxes.count).toBe(2);
  });
});
