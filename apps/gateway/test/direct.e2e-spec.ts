import { startGateway, type TestGateway } from '@hubbub/testing';

/** PROTOCOL §3, §4, §7: direct messages and the inbox. */
describe('direct messages', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  it('reach all connections of the target and the other devices of the sender, each with the seq of its own inbox', async () => {
    const [alice, phone, bob, bob2] = await Promise.all(
      ['alice', 'alice', 'bob', 'bob'].map((user) => gateway.connect(user)),
    );
    await alice!.command('direct_message', { target_id: 'nobody-yet', content: 0 });
    const sent = await alice!.command('direct_message', { target_id: 'bob', content: { text: 'hi' } });
    expect(sent).toEqual({ target_id: 'bob', seq: 2, delivered: 2, timestamp: expect.any(Number) });
    for (const client of [bob!, bob2!]) {
      expect(await client.next('direct_message')).toEqual({
        sender_id: 'alice',
        sender_name: 'alice',
        target_id: 'bob',
        content: { text: 'hi' },
        seq: 1,
        timestamp: sent.timestamp,
      });
    }
    expect(await phone!.next('direct_message', ({ target_id }) => target_id === 'bob')).toMatchObject({ seq: 2 });
    await alice!.settle();
    expect(alice!.pushes('direct_message')).toEqual([]);
  });

  it('wait for a target that is away: connected names the head, inbox since has what was missed', async () => {
    const sender = await gateway.connect('sender');
    const before = await gateway.connect('away');
    const { inbox_seq: seen, inbox_epoch } = await before.next('connected');
    await before.close();
    for (let n = 1; n <= 3; n++)
      expect(await sender.command('direct_message', { target_id: 'away', content: n })).toMatchObject({ delivered: 0 });
    const back = await gateway.connect('away');
    expect(await back.next('connected')).toMatchObject({ inbox_seq: seen + 3, inbox_epoch });
    const page = await back.command('inbox', { since: seen, limit: 2 });
    expect(page).toMatchObject({ epoch: inbox_epoch, seq: seen + 3, has_more: true });
    const rest = await back.command('inbox', { since: page.messages.at(-1)!.seq });
    expect([...page.messages, ...rest.messages].map((message) => message.content)).toEqual([1, 2, 3]);
    expect(rest.has_more).toBe(false);
  });

  it('to oneself are stored once', async () => {
    const me = await gateway.connect('narcissus');
    expect(await me.command('direct_message', { target_id: 'narcissus', content: 'note' })).toMatchObject({ seq: 1 });
    expect((await me.command('inbox')).messages).toHaveLength(1);
  });

  it('inbox filters by peer and pages backwards', async () => {
    const [me, x, y] = await Promise.all(['me', 'x', 'y'].map((user) => gateway.connect(user)));
    for (let n = 0; n < 3; n++) {
      await x!.command('direct_message', { target_id: 'me', content: `x${n}` });
      await y!.command('direct_message', { target_id: 'me', content: `y${n}` });
      await me!.command('direct_message', { target_id: 'x', content: `to x${n}` });
    }
    const { messages } = await me!.command('inbox', { peer_id: 'x' });
    expect(messages.map((message) => message.content)).toEqual(['x0', 'to x0', 'x1', 'to x1', 'x2', 'to x2']);
    const older = await me!.command('inbox', { before: 4, limit: 2 });
    expect([older.messages.map((message) => message.seq), older.has_more]).toEqual([[2, 3], true]);
  });

  it('the same idempotency_key to one target stores and delivers once; to another target it is another message', async () => {
    const [ann, ben] = [await gateway.connect('ann'), await gateway.connect('ben')];
    const first = await ann.command('direct_message', { target_id: 'ben', content: 1, idempotency_key: 'k' });
    const second = await ann.command('direct_message', { target_id: 'ben', content: 1, idempotency_key: 'k' });
    expect(second).toMatchObject({ seq: first.seq, duplicate: true });
    expect(
      await ann.command('direct_message', { target_id: 'cid', content: 1, idempotency_key: 'k' }),
    ).not.toHaveProperty('duplicate');
    await ben.settle();
    expect(ben.pushes('direct_message')).toHaveLength(1);
  });

  it('from a blocked user are answered as usual, and neither delivered nor kept', async () => {
    const [eve, victim] = [await gateway.connect('eve'), await gateway.connect('victim')];
    await victim.command('block_user', { user_id: 'eve', blocked: true });
    expect(await eve.command('direct_message', { target_id: 'victim', content: 'boo' })).toMatchObject({
      seq: 1,
      delivered: 0,
    });
    expect((await victim.command('inbox')).messages).toEqual([]);
    await victim.command('block_user', { user_id: 'eve', blocked: false });
    expect(await eve.command('direct_message', { target_id: 'victim', content: 'sorry' })).toMatchObject({
      delivered: 1,
    });
  });

  it('mark_read of a conversation counts what the peer wrote since', async () => {
    const [me, peer] = [await gateway.connect('reader'), await gateway.connect('peer')];
    for (let n = 0; n < 3; n++) await peer.command('direct_message', { target_id: 'reader', content: n });
    await me.command('direct_message', { target_id: 'peer', content: 'mine' });
    expect(await me.command('mark_read', { peer_id: 'peer', seq: 1 })).toEqual({ peer_id: 'peer', seq: 1, unread: 2 });
    await expect(me.command('mark_read', { seq: 1 })).rejects.toMatchObject({ code: 1001 });
  });

  it('a user id with dots, stars and spaces is an id like any other', async () => {
    const [odd, other] = [await gateway.connect('a.*.> b'), await gateway.connect('a.x.> b')];
    expect(await other.command('direct_message', { target_id: 'a.*.> b', content: 1 })).toMatchObject({ delivered: 1 });
    expect(await odd.next('direct_message')).toMatchObject({ target_id: 'a.*.> b' });
    expect(await odd.command('direct_message', { target_id: 'A.*.> B', content: 1 })).toMatchObject({ delivered: 0 });
  });
});
