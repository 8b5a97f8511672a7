import { Rooms } from './rooms.service.js';
import { type Client, ORDINARY, RoomsApp } from './testing/rooms-app.js';

describe('moderation', () => {
  let app: RoomsApp;
  /** Owner, moderator, and two others. */
  let ann: Client;
  let mod: Client;
  let bob: Client;
  let carl: Client;

  beforeAll(async () => {
    app = await RoomsApp.start();
  });
  beforeEach(async () => {
    [ann, mod, bob, carl] = (await Promise.all(['ann', 'mod', 'bob', 'carl'].map((name) => app.connect(name)))) as [
      ...[Client, Client, Client, Client],
    ];
    await ann.do('create_room', { room_id: 'r' });
    await ann.do('set_member', { room_id: 'r', user_id: 'mod', role: 'moderator' });
  });
  afterEach(async () => {
    await app.closeClients();
    await app.get(Rooms).delete('r');
  });
  afterAll(() => app.close());

  const joinAll = () => Promise.all([ann, mod, bob, carl].map((each) => each.do('join_room', { room_id: 'r' })));
  const set = (user_id: string, role: string) => ({ room_id: 'r', user_id, role });

  it('lets roles act only on roles below their own', async () => {
    expect(await mod.fail('set_member', set('bob', 'moderator'))).toBe(2001);
    expect(await mod.fail('set_member', set('mod', 'none'))).toBe(2001);
    expect(await mod.fail('set_member', set('ann', 'banned'))).toBe(2001);
    expect(await bob.fail('set_member', set('carl', 'member'))).toBe(2001);
    expect(await ann.fail('set_member', set('ann', 'none'))).toBe(2001);
    expect(await ann.fail('set_member', set('bob', 'owner'))).toBe(1001);
    expect(await ann.fail('set_member', { ...set('bob', 'member'), room_id: 'absent' })).toBe(3000);
    for (const role of ['invited', 'member', 'banned', 'none']) await mod.do('set_member', set('bob', role));
    await ann.do('set_member', set('mod', 'none'));
    expect(await mod.fail('set_member', set('bob', 'invited'))).toBe(2001);
  });

  it('lets admin:room act as the owner, but not on the owner', async () => {
    const marshal = await app.connect('marshal', ['admin:room']);
    expect(await marshal.do('set_member', set('bob', 'moderator'))).toEqual(set('bob', 'moderator'));
    expect(await marshal.fail('set_member', set('ann', 'none'))).toBe(2001);
    expect(await marshal.fail('kick_member', { room_id: 'r', user_id: 'ann' })).toBe(2001);
    await marshal.close();
  });

  it('tells the members and the affected user of a role, also where he is not in the room', async () => {
    await mod.do('join_room', { room_id: 'r' });
    const given = { ...set('bob', 'invited'), reason: 'welcome' };
    expect(await ann.do('set_member', given)).toEqual(given);
    expect(await mod.push('member_set')).toEqual(set('mod', 'moderator'));
    expect(await mod.push('member_set')).toEqual(given);
    expect(await bob.push('member_set')).toEqual(given);
    await carl.settle();
    expect(carl.story).toEqual([]);
  });

  describe('kick_member', () => {
    it("ends all the user's connections in the room, tells everybody, and he may come back", async () => {
      await joinAll();
      const phone = await app.connect('bob');
      await phone.do('join_room', { room_id: 'r' });
      const kicked = { room_id: 'r', user_id: 'bob', reason: 'spam' };
      expect(await mod.do('kick_member', kicked)).toEqual(kicked);
      for (const client of [ann, mod, bob, phone, carl]) expect(await client.push('member_kicked')).toEqual(kicked);
      for (const client of [bob, phone]) {
        expect(await client.fail('room_message', { room_id: 'r', content: 1 })).toBe(3003);
      }
      await carl.do('room_message', { room_id: 'r', content: 'after' });
      await bob.settle();
      expect(bob.story.at(-1)).toBe('member_kicked');
      await bob.do('join_room', { room_id: 'r' });
      await phone.close();
    });

    it('answers 3003 where the user is not in the room, and 2001 to who may not', async () => {
      expect(await ann.fail('kick_member', { room_id: 'r', user_id: 'bob' })).toBe(3003);
      await joinAll();
      expect(await bob.fail('kick_member', { room_id: 'r', user_id: 'carl' })).toBe(2001);
      expect(await mod.fail('kick_member', { room_id: 'r', user_id: 'ann' })).toBe(2001);
    });

    it('frees the place that the grace keeps for a lost connection', async () => {
      await joinAll();
      await bob.raw.cut();
      await app.untilConnections(3);
      await mod.do('kick_member', { room_id: 'r', user_id: 'bob' });
      expect(await app.get(Rooms).isMember('r', 'bob')).toBe(false);
    });

    it('keeps who is joining at that moment either in or out, and never in between', async () => {
      await ann.do('join_room', { room_id: 'r' });
      for (let round = 0; round < 20; round++) {
        await Promise.all([
          bob.do('join_room', { room_id: 'r' }),
          ann.raw.command('kick_member', { room_id: 'r', user_id: 'bob' }),
        ]);
        const isIn = await app.get(Rooms).isMember('r', 'bob');
        const before = bob.story.length;
        await ann.do('room_message', { room_id: 'r', content: round });
        await bob.settle();
        expect(bob.story.slice(before)).toEqual(isIn ? [round + 1] : []);
        if (isIn) await bob.do('leave_room', { room_id: 'r' });
      }
    });
  });

  describe('a ban', () => {
    it("ends the user's memberships and keeps him out", async () => {
      await joinAll();
      await mod.do('set_member', set('bob', 'banned'));
      expect(await bob.push('member_set')).toEqual(set('bob', 'banned'));
      expect(await bob.fail('join_room', { room_id: 'r' })).toBe(2001);
      expect(await bob.fail('room_message', { room_id: 'r', content: 1 })).toBe(3003);
      expect(await bob.fail('room_history', { room_id: 'r' })).toBe(2001);
      expect(await bob.fail('room_members', { room_id: 'r' })).toBe(2001);
      expect(await bob.fail('mark_read', { room_id: 'r', seq: 0 })).toBe(2001);
      await mod.do('set_member', set('bob', 'none'));
      await bob.do('join_room', { room_id: 'r' });
    });

    it('keeps the user from posting over HTTP', async () => {
      const post = () => app.http('POST', '/api/rooms/r/messages', { as: 'bob', body: { content: 1 } });
      expect((await post()).status).toBe(201);
      await mod.do('set_member', set('bob', 'banned'));
      expect((await post()).status).toBe(403);
      expect((await app.http('GET', '/api/rooms/r', { as: 'bob' })).status).toBe(403);
    });

    it('never leaves one in who joins at the same time', async () => {
      for (let round = 0; round < 20; round++) {
        await Promise.all([bob.raw.command('join_room', { room_id: 'r' }), mod.do('set_member', set('bob', 'banned'))]);
        expect(await app.get(Rooms).isMember('r', 'bob')).toBe(false);
        expect(await bob.fail('room_message', { room_id: 'r', content: 1 })).toBe(3003);
        await mod.do('set_member', set('bob', 'none'));
      }
    });
  });

  describe('redact_message', () => {
    const post = async (client: Client) => (await client.do('room_message', { room_id: 'r', content: 'secret' })).seq;

    it('erases the content everywhere, keeps the number, and tells the members', async () => {
      await joinAll();
      const seq = await post(bob);
      expect(await mod.do('redact_message', { room_id: 'r', seq })).toEqual({ room_id: 'r', seq });
      expect(await carl.push('message_redacted')).toEqual({ room_id: 'r', seq });
      await carl.do('leave_room', { room_id: 'r' });
      const { messages } = await carl.do('join_room', { room_id: 'r' });
      expect(messages).toMatchObject([{ seq, content: null, redacted: true, sender_id: 'bob' }]);
      expect((await app.http('GET', '/api/rooms/r/messages', { as: 'ann' })).text).not.toContain('secret');
    });

    it('is for the author, and for moderators and owner over those below them', async () => {
      await joinAll();
      const [byBob, byAnn, byMod] = [await post(bob), await post(ann), await post(mod)];
      expect(await carl.fail('redact_message', { room_id: 'r', seq: byBob })).toBe(2001);
      expect(await mod.fail('redact_message', { room_id: 'r', seq: byAnn })).toBe(2001);
      await bob.do('redact_message', { room_id: 'r', seq: byBob });
      await ann.do('redact_message', { room_id: 'r', seq: byMod });
      const marshal = await app.connect('marshal', ['admin:room']);
      await marshal.do('redact_message', { room_id: 'r', seq: byAnn });
      await marshal.close();
    });

    it('answers 4003 where there is no such message, and a repeat like the first', async () => {
      await joinAll();
      const seq = await post(bob);
      expect(await ann.fail('redact_message', { room_id: 'r', seq: seq + 1 })).toBe(4003);
      for (let n = 0; n < 2; n++) await ann.do('redact_message', { room_id: 'r', seq });
      await carl.settle();
      expect(carl.story.filter((each) => each === 'message_redacted')).toHaveLength(1);
    });
  });

  it('knows only users with an account where auth.local_only says so', async () => {
    const local = await RoomsApp.start({ config: { auth: { localOnly: true } } });
    const owner = await local.connect('owner', [...ORDINARY]);
    await owner.do('create_room', { room_id: 'r' });
    expect(await owner.fail('set_member', set('nobody', 'member'))).toBe(4000);
    await local.close();
  });
});
