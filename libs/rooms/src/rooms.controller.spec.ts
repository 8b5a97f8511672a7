import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { Rooms } from './rooms.service.js';
import { type Client, RoomsApp } from './testing/rooms-app.js';

describe('rooms over HTTP', () => {
  let app: RoomsApp;
  let ann: Client;
  const asAnn = { as: 'ann' };
  const asBob = { as: 'bob' };

  beforeAll(async () => {
    app = await RoomsApp.start();
    ann = await app.connect('ann');
  });
  beforeEach(async () => {
    await app.http('POST', '/api/rooms', { ...asAnn, body: { id: 'r', name: 'Room', max_clients: 5 } });
  });
  afterEach(async () => {
    await app
      .get(Rooms)
      .delete('r')
      .catch(() => undefined);
  });
  afterAll(() => app.close());

  it('makes a room: 201, then 409 with code 3001', async () => {
    const body = { id: 'made', metadata: { a: 1 } };
    const made = await app.http('POST', '/api/rooms', { ...asAnn, body });
    expect([made.status, made.body]).toMatchObject([
      201,
      { status: 'room created', room: { id: 'made', owner_id: 'ann', metadata: { a: 1 }, member_count: 0 } },
    ]);
    const again = await app.http('POST', '/api/rooms', { ...asBob, body });
    expect([again.status, again.body]).toMatchObject([409, { code: 3001, name: 'RoomAlreadyExists' }]);
    expect((await app.http('POST', '/api/rooms', { ...asAnn, body: { id: 'no spaces' } })).status).toBe(400);
    expect((await app.http('DELETE', '/api/rooms/made', asAnn)).status).toBe(204);
  });

  it('makes rooms for grants narrowed to them', async () => {
    const narrow = { as: 'helper', permissions: ['create:room@support.*'] };
    expect((await app.http('POST', '/api/rooms', { ...narrow, body: { id: 'support.1' } })).status).toBe(201);
    expect((await app.http('POST', '/api/rooms', { ...narrow, body: { id: 'lobby' } })).status).toBe(403);
    expect((await app.http('POST', '/api/rooms', { ...narrow, body: {} })).status).toBe(403);
    await app.get(Rooms).delete('support.1');
  });

  it('lists rooms by pages that the Link header names', async () => {
    const rooms = app.get(Rooms);
    for (const id of ['p-1', 'p-2', 'p-3']) await rooms.create({ id });
    const seen: string[] = [];
    let url: string | undefined = '/api/rooms?prefix=p-&limit=2';
    for (let pages = 0; url !== undefined; pages++) {
      const page = await app.http('GET', url, asBob);
      expect(page.status).toBe(200);
      seen.push(...page.body.map(({ id }: { id: string }) => id));
      url = /^<([^>]+)>; rel="next"$/.exec(String(page.headers['link']))?.[1];
      expect(url === undefined).toBe(pages === 1);
    }
    expect(seen).toEqual(['p-1', 'p-2', 'p-3']);
    expect((await app.http('GET', '/api/rooms?limit=201', asBob)).status).toBe(400);
    expect((await app.http('GET', '/api/rooms?limit=x', asBob)).status).toBe(400);
    for (const id of ['p-1', 'p-2', 'p-3']) await rooms.delete(id);
  });

  it('shows, changes and deletes one room', async () => {
    expect((await app.http('GET', '/api/rooms/r', asBob)).body).toMatchObject({
      id: 'r',
      name: 'Room',
      max_clients: 5,
    });
    expect((await app.http('PATCH', '/api/rooms/r', { ...asBob, body: { name: 'Mine' } })).status).toBe(403);
    const changed = await app.http('PATCH', '/api/rooms/r', { ...asAnn, body: { name: 'New', visibility: 'private' } });
    expect([changed.status, changed.body]).toMatchObject([200, { id: 'r', name: 'New', visibility: 'private' }]);
    expect((await app.http('GET', '/api/rooms/r', asBob)).status).toBe(403);
    expect((await app.http('DELETE', '/api/rooms/r', asBob)).status).toBe(403);
    expect((await app.http('DELETE', '/api/rooms/r', asAnn)).status).toBe(204);
    const gone = await app.http('GET', '/api/rooms/r', asAnn);
    expect([gone.status, gone.body.code]).toEqual([404, 3000]);
  });

  it('posts without membership, with the content to the character, to all connections in the room', async () => {
    await ann.do('join_room', { room_id: 'r' });
    const body = '{ "content": {"b":1.0,"a":"\\u00e9"} , "idempotency_key":"k"}';
    const posted = await app.http('POST', '/api/rooms/r/messages', { ...asAnn, body });
    expect([posted.status, posted.body]).toEqual([
      201,
      { seq: 1, epoch: expect.any(String), timestamp: expect.any(Number) },
    ]);
    expect(await ann.push('room_message')).toMatchObject({ seq: 1, sender_id: 'ann', sender_name: 'ann' });
    const again = await app.http('POST', '/api/rooms/r/messages', { ...asAnn, body });
    expect([again.status, again.body]).toEqual([201, { ...posted.body, duplicate: true }]);
    const read = await app.http('GET', '/api/rooms/r/messages?after=0&limit=1', asBob);
    expect(read.text).toContain('"content":{"b":1.0,"a":"\\u00e9"},');
    expect(read.body).toMatchObject({ epoch: posted.body.epoch, has_more: false, messages: [{ seq: 1 }] });
    await ann.do('leave_room', { room_id: 'r' });
  });

  it('posts ephemeral messages, which are not kept', async () => {
    await ann.do('join_room', { room_id: 'r' });
    const posted = await app.http('POST', '/api/rooms/r/messages', {
      ...asBob,
      body: { content: null, ephemeral: true },
    });
    expect([posted.status, posted.body]).toEqual([201, { epoch: expect.any(String), timestamp: expect.any(Number) }]);
    expect(await ann.push('room_message')).toMatchObject({ content: null, ephemeral: true, sender_id: 'bob' });
    expect((await app.http('GET', '/api/rooms/r/messages', asBob)).body.messages).toEqual([]);
    await ann.do('leave_room', { room_id: 'r' });
  });

  it('refuses posts without content, nested too deep, to absent rooms, and to private ones from outside', async () => {
    const post = async (room: string, body: object | string) =>
      (await app.http('POST', `/api/rooms/${room}/messages`, { ...asBob, body })).status;
    expect(await post('r', {})).toBe(400);
    expect(await post('r', `{"content":${'['.repeat(63)}${']'.repeat(63)}}`)).toBe(400);
    expect(await post('r', `{"content":${'['.repeat(62)}${']'.repeat(62)}}`)).toBe(201);
    expect(await post('absent', { content: 1 })).toBe(404);
    await app.get(Rooms).update('r', { visibility: 'private' });
    expect(await post('r', { content: 1 })).toBe(403);
  });

  it('lists members and kicks them', async () => {
    await ann.do('join_room', { room_id: 'r' });
    const bob = await app.connect('bob');
    await bob.do('join_room', { room_id: 'r' });
    const page = await app.http('GET', '/api/rooms/r/members?limit=1', asBob);
    expect(page.body).toMatchObject({ members: [{ user_id: 'ann', connections: 1 }], member_count: 2 });
    const rest = await app.http('GET', `/api/rooms/r/members?limit=1&cursor=${page.body.next_cursor}`, asBob);
    expect(rest.body).toEqual({ members: [expect.objectContaining({ user_id: 'bob' })], member_count: 2 });
    expect((await app.http('DELETE', '/api/rooms/r/members/ann', asBob)).status).toBe(403);
    expect((await app.http('DELETE', '/api/rooms/r/members/bob', asAnn)).status).toBe(204);
    expect(await bob.push('member_kicked')).toEqual({ room_id: 'r', user_id: 'bob' });
    const absent = await app.http('DELETE', '/api/rooms/r/members/bob', asAnn);
    expect([absent.status, absent.body.code]).toEqual([409, 3003]);
    await ann.do('leave_room', { room_id: 'r' });
    await bob.close();
  });

  it('tells moderators all roles, others who the moderators are, and nobody who may not join anything', async () => {
    await ann.do('create_room', { room_id: 'roles' });
    for (const [user_id, role] of [
      ['bob', 'moderator'],
      ['eve', 'banned'],
      ['zoe', 'invited'],
    ]) {
      await ann.do('set_member', { room_id: 'roles', user_id, role });
    }
    const roles = [
      { user_id: 'bob', role: 'moderator' },
      { user_id: 'eve', role: 'banned' },
      { user_id: 'zoe', role: 'invited' },
    ];
    const read = (as: string) => app.http('GET', '/api/rooms/roles/roles', { as });
    expect((await read('ann')).body).toEqual({ role: 'owner', roles });
    expect((await read('bob')).body).toEqual({ role: 'moderator', roles });
    expect((await read('zoe')).body).toEqual({ role: 'invited', roles: roles.slice(0, 1) });
    expect((await read('nobody')).body).toEqual({ role: 'none', roles: roles.slice(0, 1) });
    expect((await read('eve')).status).toBe(403);
    expect((await app.http('GET', '/api/rooms/absent/roles', { as: 'ann' })).status).toBe(404);
  });

  it('asks each route for its permission', async () => {
    const weak = { as: 'ann', permissions: [] };
    const routes: [Parameters<RoomsApp['http']>[0], string, object?][] = [
      ['GET', '/api/rooms'],
      ['POST', '/api/rooms', {}],
      ['GET', '/api/rooms/r'],
      ['DELETE', '/api/rooms/r'],
      ['GET', '/api/rooms/r/messages'],
      ['POST', '/api/rooms/r/messages', { content: 1 }],
      ['GET', '/api/rooms/r/members'],
      ['GET', '/api/rooms/r/roles'],
    ];
    for (const [method, url, body] of routes) {
      const { status } = await app.http(method, url, { ...weak, ...(body && { body }) });
      expect([method, url, status]).toEqual([method, url, 403]);
    }
    const nobody = await app.app.inject({ method: 'GET', url: '/api/rooms' });
    expect([nobody.statusCode, nobody.json().code]).toEqual([401, 2000]);
  });

  it('describes every route in the OpenAPI document', () => {
    const { paths } = SwaggerModule.createDocument(app.app, new DocumentBuilder().build());
    const routes = Object.entries(paths)
      .filter(([path]) => path.startsWith('/api/rooms'))
      .map(([path, methods]) => `${path} ${Object.keys(methods).sort().join(' ')}`);
    expect(routes.sort()).toEqual([
      '/api/rooms get post',
      '/api/rooms/{id} delete get patch',
      '/api/rooms/{id}/members get',
      '/api/rooms/{id}/members/{user} delete',
      '/api/rooms/{id}/messages get post',
      '/api/rooms/{id}/roles get',
    ]);
    expect(JSON.stringify(paths['/api/rooms']?.post?.requestBody)).toContain('max_clients');
  });
});
