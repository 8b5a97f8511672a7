import { RequirePermissions } from '@hubbub/auth';
import { Injectable } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Room } from './room.decorator.js';
import { RoomPolicy, roomPolicy } from './room-policy.decorator.js';
import { type CurrentRoom, Rooms } from './rooms.service.js';
import { ORDINARY, RoomsApp } from './testing/rooms-app.js';

@RoomPolicy('chat.*', { history: 'none', maxClients: 2, createOnJoin: true })
@RoomPolicy('vip.*', { permissions: { join: 'join:vip', send: 'send:vip', read: 'read:vip' } })
@WebSocketGateway()
class Lounge {
  @SubscribeMessage('toast')
  @RequirePermissions('send:message')
  toast(@Room({ member: false }) { id }: CurrentRoom) {
    return { id };
  }
}

describe('rooms under a policy', () => {
  let app: RoomsApp;
  beforeAll(async () => {
    app = await RoomsApp.start({
      providers: [Lounge, roomPolicy('slow.*', { rate: '2/h' }), roomPolicy('slow.very.*', { rate: '1/h' })],
    });
  });
  afterEach(() => app.closeClients());
  afterAll(() => app.close());

  it('are made as it says, by whichever way', async () => {
    const alice = await app.connect('alice');
    const shape = { history: 'none', max_clients: 2 };
    expect((await alice.do('create_room', { room_id: 'chat.ws' })).room).toMatchObject(shape);
    const made = await app.http('POST', '/api/rooms', { as: 'alice', body: { id: 'chat.http', max_clients: 1 } });
    expect(made.body.room).toMatchObject({ history: 'none', max_clients: 1 });
    expect(await app.get(Rooms).create({ id: 'chat.service' })).toMatchObject({ history: 'none', maxClients: 2 });
    expect((await alice.do('join_room', { room_id: 'chat.join' })).room).toMatchObject(shape);
    expect(await alice.fail('join_room', { room_id: 'elsewhere' })).toBe(3000);
  });

  it('are made and changed to nothing beyond it', async () => {
    const alice = await app.connect('alice');
    const refused = await alice.raw.command('create_room', { room_id: 'chat.x', max_clients: 3, history: 'durable' });
    expect(refused.data).toMatchObject({ code: 1001, details: [{ path: '/history' }, { path: '/max_clients' }] });
    const http = await app.http('POST', '/api/rooms', { as: 'alice', body: { id: 'chat.x', max_clients: 0 } });
    expect([http.status, http.body.code]).toEqual([400, 1001]);
    await expect(app.get(Rooms).create({ id: 'chat.x', maxClients: 9 })).rejects.toMatchObject({ code: 1001 });
    await alice.do('create_room', { room_id: 'chat.y' });
    expect(await alice.fail('update_room', { room_id: 'chat.y', max_clients: 3 })).toBe(1001);
    await alice.do('update_room', { room_id: 'chat.y', max_clients: 1 });
  });

  it('ask for their own permissions beside the usual ones, also of custom commands and over HTTP', async () => {
    await app.get(Rooms).create({ id: 'vip.1' });
    const bob = await app.connect('bob');
    const body = { content: 'hello' };
    for (const [type, permission] of [
      ['join_room', 'join:vip'],
      ['room_history', 'read:vip'],
      ['room_members', 'read:vip'],
      ['toast', 'send:vip'],
    ] as const) {
      const answer = await bob.raw.command(type, { room_id: 'vip.1' });
      expect(answer.data).toMatchObject({ code: 2001, details: { permission } });
    }
    const posted = await app.http('POST', '/api/rooms/vip.1/messages', { as: 'bob', body });
    expect([posted.status, posted.body.details]).toEqual([403, { permission: 'send:vip' }]);
    const vip = await app.connect('eve', [...ORDINARY, 'join:vip@vip.*', 'send:vip', 'read:vip']);
    await vip.do('join_room', { room_id: 'vip.1' });
    await vip.do('room_message', { room_id: 'vip.1', content: 1 });
    await vip.do('room_history', { room_id: 'vip.1' });
    expect(await vip.do('toast', { room_id: 'vip.1' })).toEqual({ id: 'vip.1' });
  });

  it('take messages of one sender at their rate, by whichever way he sends; others are not held up', async () => {
    const alice = await app.connect('alice');
    const bob = await app.connect('bob');
    for (const room_id of ['slow.a', 'slow.b', 'slow.very.c']) {
      await alice.do('create_room', { room_id });
      await alice.do('join_room', { room_id });
      await bob.do('join_room', { room_id });
    }
    await alice.do('room_message', { room_id: 'slow.a', content: 1 });
    const body = { content: 2 };
    expect((await app.http('POST', '/api/rooms/slow.a/messages', { as: 'alice', body })).status).toBe(201);
    const refused = await alice.raw.command('room_message', { room_id: 'slow.a', content: 3 });
    expect(refused.data).toMatchObject({ code: 1005, retryable: true });
    expect(refused.data.retry_after_ms).toBeGreaterThan(1_000_000);
    expect(refused.data.retry_after_ms).toBeLessThanOrEqual(1_800_000);
    expect(await alice.fail('room_message', { room_id: 'slow.a', content: 4, ephemeral: true })).toBe(1005);
    expect((await app.http('POST', '/api/rooms/slow.a/messages', { as: 'alice', body })).status).toBe(429);
    await alice.do('room_message', { room_id: 'slow.b', content: 1 });
    await bob.do('room_message', { room_id: 'slow.a', content: 1 });
    await alice.do('room_message', { room_id: 'slow.very.c', content: 1 });
    expect(await alice.fail('room_message', { room_id: 'slow.very.c', content: 2 })).toBe(1005);
    await app.get(Rooms).publish('slow.very.c', { senderId: 'alice', senderName: 'alice', content: 2 });
    const admin = ['admin:system'];
    const byAdmin = { as: 'root', permissions: admin, body };
    for (let n = 0; n < 3; n++)
      expect((await app.http('POST', '/api/rooms/slow.a/messages', byAdmin)).status).toBe(201);
  });

  it('are refused at start with everything that is wrong with their policies', async () => {
    @RoomPolicy('chat.*', { rate: 'often' })
    @RoomPolicy('game.*', { maxClients: 1 })
    @Injectable()
    class Wrong {}
    const other = roomPolicy('*.game', { maxClients: 2 });
    const twin = roomPolicy('game.*', { colour: 'red' } as object);
    const start = RoomsApp.start({ providers: [Wrong, other, twin] });
    const error: Error = await start.then(
      () => new Error('it started'),
      (thrown: Error) => thrown,
    );
    for (const part of [
      '"chat.*" (Wrong): the rate "often"',
      '"game.*" (roomPolicy()): ',
      '"game.*" (Wrong) and "*.game"',
    ]) {
      expect(error.message).toContain(part);
    }
  });
});
