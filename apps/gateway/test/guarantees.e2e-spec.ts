import { randomBytes } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';

/** PROTOCOL §7, row by row, on one node. */
describe('guarantees', () => {
  let gateway: TestGateway;
  let made = 0;

  beforeAll(async () => {
    gateway = await startGateway({
      presence: { graceMs: 50 },
      history: { recoverMax: 20 },
      limits: { sendBufferBytes: 65_536, roomsPerUser: 1000 },
    });
  });
  afterAll(() => gateway.close());

  async function room(owner: TestClient, data: object = {}): Promise<string> {
    const room_id = `g-${++made}`;
    await owner.command('create_room', { room_id, max_clients: 0, ...data });
    return room_id;
  }
  const join = (client: TestClient, room_id: string, more: object = {}) =>
    client.command('join_room', { room_id, ...more });

  /** What a connection saw of a room, in the order of its frames: pushes and its own replies. */
  const seen = (client: TestClient, room_id: string) =>
    client.frames
      .filter(
        ({ message_type, data }) =>
          ['room_message', 'room_message_sent'].includes(message_type) && data['room_id'] === room_id,
      )
      .map(({ data }) => data['seq'] as number);
  const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, n) => first + n);

  it('2: each connection sees seq 1, 2, 3 … once and in order, its own as replies at their place', async () => {
    const talk = await gateway.talk({ people: 8, rooms: 1, messages: 800 });
    await talk.expectNoLoss();
    for (const client of talk.clients) expect(seen(client, talk.rooms[0] as string)).toEqual(upTo(800));
  });

  it('6: the order of sending is the order of seq', async () => {
    const [alice, bob] = [await gateway.connect('alice'), await gateway.connect('bob')];
    const room_id = await room(alice);
    for (const client of [alice, bob]) await join(client, room_id);
    for (const n of upTo(200)) alice.sendFrame({ message_type: 'room_message', data: { room_id, content: n } });
    await bob.until(() => seen(bob, room_id).length === 200);
    expect(bob.pushes('room_message').map((push) => push.content)).toEqual(upTo(200));
  });

  it('3: the same idempotency_key stores and delivers once, also when both come in one batch', async () => {
    const [alice, bob] = [await gateway.connect('alice'), await gateway.connect('bob')];
    const room_id = await room(alice);
    for (const client of [alice, bob]) await join(client, room_id);
    const post = () => alice.command('room_message', { room_id, content: 'once', idempotency_key: 'k' });
    const [first, second] = await Promise.all([post(), post()]);
    expect([first.seq, first.duplicate, second.seq, second.duplicate]).toEqual([1, undefined, 1, true]);
    expect(await post()).toMatchObject({ seq: 1, duplicate: true, timestamp: first.timestamp });
    const other = await bob.command('room_message', { room_id, content: 'mine', idempotency_key: 'k' });
    expect(other).toMatchObject({ seq: 2 });
    expect(other).not.toHaveProperty('duplicate');
    await alice.settle();
    expect(bob.pushes('room_message')).toHaveLength(1);
  });

  describe('4: recovery by since', () => {
    let owner: TestClient;
    let room_id: string;
    let epoch: string;
    beforeEach(async () => {
      owner = await gateway.connect('owner');
      room_id = await room(owner);
      ({ epoch } = await join(owner, room_id));
      for (const n of upTo(30)) await owner.command('room_message', { room_id, content: n });
    });
    const back = async (seq: number, more: object = {}) =>
      join(await gateway.connect('back'), room_id, { since: { epoch, seq }, ...more });

    it('returns all that was missed, whatever history says', async () => {
      const { recovered, missed, messages, seq } = await back(12, { history: 2 });
      expect([recovered, missed, seq, messages.map((message) => message.seq)]).toEqual([true, 18, 30, upTo(30, 13)]);
    });

    it('with nothing missed is recovered with no messages', async () => {
      expect(await back(30)).toMatchObject({ recovered: true, missed: 0, messages: [] });
    });

    it('takes exactly recover_max, and of more none but the latest history', async () => {
      expect(await back(10)).toMatchObject({ recovered: true, missed: 20 });
      const { recovered, missed, messages } = await back(9, { history: 5 });
      expect([recovered, missed, messages.map((message) => message.seq)]).toEqual([false, 21, upTo(30, 26)]);
      expect(await back(9, { history: 0 })).toMatchObject({ recovered: false, missed: 21, messages: [] });
    });

    it('is refused for another epoch and beyond the head, with missed 0', async () => {
      expect(await back(31)).toMatchObject({ recovered: false, missed: 0 });
      const client = await gateway.connect('back');
      expect(await join(client, room_id, { since: { epoch: 'other', seq: 12 } })).toMatchObject({
        recovered: false,
        missed: 0,
      });
    });

    it('is refused when what was missed is larger than a connection may be owed, and history then has all of it', async () => {
      const large = 'x'.repeat(20_000);
      for (const n of upTo(5)) await owner.command('room_message', { room_id, content: { n, large } });
      const { recovered, missed, messages } = await back(30, { history: 5 });
      expect([recovered, missed, messages.length < 5]).toEqual([false, 5, true]);
      const reader = await gateway.connect('reader');
      const seqs: (number | undefined)[] = [];
      for (let more = true, after = 30; more; after = seqs.at(-1) ?? after) {
        const page = await reader.command('room_history', { room_id, after });
        seqs.push(...page.messages.map((message) => message.seq));
        more = page.has_more;
      }
      expect(seqs).toEqual(upTo(35, 31));
    });

    it('has no gap and no overlap with the first push, while the room is busy', async () => {
      const joined: Promise<void>[] = [];
      for (const n of upTo(40)) {
        for (let k = 0; k < 5; k++)
          owner.sendFrame({ message_type: 'room_message', data: { room_id, content: `${n}.${k}` } });
        const client = await gateway.connect(`late-${n}`);
        const since = { epoch, seq: 20 + n };
        joined.push(
          join(client, room_id, { since, history: 0 }).then(async ({ messages, seq, recovered }) => {
            const start = recovered ? since.seq : seq;
            const has = () => [...messages.map((message) => message.seq), ...seen(client, room_id)];
            await client.until(() => start === 230 || has().at(-1) === 230);
            expect(has()).toEqual(upTo(230, start + 1));
          }),
        );
      }
      await Promise.all(joined);
    });
  });

  it('5: epoch and messages are unchanged by a restart, and seq goes on', async () => {
    const first = await startGateway();
    const alice = await first.connect('alice');
    await alice.command('create_room', { room_id: 'kept' });
    const { epoch } = await join(alice, 'kept');
    await alice.command('room_message', { room_id: 'kept', content: 'before' });
    const { inbox_epoch } = await alice.next('connected');
    await first.app.close();
    const second = await startGateway({ dataDir: first.dataDir });
    const again = await second.connect('alice');
    expect((await again.next('connected')).inbox_epoch).toBe(inbox_epoch);
    expect(await join(again, 'kept', { since: { epoch, seq: 0 } })).toMatchObject({
      recovered: true,
      epoch,
      messages: [{ content: 'before', seq: 1 }],
    });
    expect(await again.command('room_message', { room_id: 'kept', content: 'after' })).toMatchObject({ seq: 2 });
    await second.close();
    await first.close();
  });

  it('8: a stalled reader is closed alone; the others get everything meanwhile (SEEDS 8)', async () => {
    const [alice, bob] = [await gateway.connect('alice'), await gateway.connect('bob')];
    const room_id = await room(alice);
    for (const client of [alice, bob]) await join(client, room_id);
    const stalled = stalledMember(gateway, gateway.token('stalled'), room_id);
    await bob.next('presence', ({ joined }) => joined.some((member) => member.user_id === 'stalled'));
    const pad = 'x'.repeat(8192);
    // 4 MiB and more than its kernel buffers take.
    const count = 2500;
    for (const n of upTo(count)) {
      await alice.command('room_message', { room_id, content: { n, pad } });
      if (n % 500 === 0) await bob.until(() => seen(bob, room_id).length >= n - 1);
    }
    await bob.until(() => seen(bob, room_id).length === count);
    expect(seen(bob, room_id)).toEqual(upTo(count));
    await bob.next('presence', ({ left }) => left.some((member) => member.user_id === 'stalled'));
    stalled.destroy();
  }, 60_000);

  it('8: who comes, leaves and vanishes while a room is busy takes nothing from those who stay', async () => {
    const [alice, bob] = [await gateway.connect('alice'), await gateway.connect('bob')];
    const room_id = await room(alice);
    for (const client of [alice, bob]) await join(client, room_id);
    const over = new AbortController();
    const passers = Array.from({ length: 10 }, async (_, n) => {
      let rounds = 0;
      for (; !over.signal.aborted || rounds === 0; rounds++) {
        const passer = await gateway.enter(`passer-${n}`, room_id);
        if (rounds % 2 === 0) await passer.command('leave_room', { room_id });
        await (rounds % 3 === 0 ? passer.close() : passer.vanish());
      }
      return rounds;
    });
    for (const n of upTo(500)) {
      alice.sendFrame({ message_type: 'room_message', data: { room_id, content: n } });
      if (n % 10 === 0) await bob.until(() => seen(bob, room_id).length >= n);
    }
    over.abort();
    expect((await Promise.all(passers)).reduce((sum, rounds) => sum + rounds)).toBeGreaterThan(10);
    await alice.settle();
    for (const client of [alice, bob]) expect(seen(client, room_id)).toEqual(upTo(500));
  });
});

/** A member that joins and then never reads a byte. */
function stalledMember(gateway: TestGateway, token: string, room_id: string) {
  const socket = connectTcp(gateway.port, '127.0.0.1');
  const join = Buffer.from(JSON.stringify({ message_type: 'join_room', data: { room_id } }));
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
  );
  socket.once('data', () => {
    socket.pause();
    // A masked text frame with the mask 0: the payload as it is.
    socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | join.length, 0, 0, 0, 0]), join]));
  });
  socket.on('error', () => {});
  return socket;
}
