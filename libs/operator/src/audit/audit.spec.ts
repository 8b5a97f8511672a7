import { Housekeeping, RequirePermissions } from '@hubbub/auth';
import { ClusterClock } from '@hubbub/cluster';
import { Database } from '@hubbub/storage';
import { describeOnEveryDatabase, makeTestDatabase, type TestServerDatabase } from '@hubbub/storage/testing';
import { startGateway, type TestGateway } from '@hubbub/testing';
import { Controller, Post } from '@nestjs/common';

interface Entry {
  readonly id: string;
  readonly actor_id: string;
  readonly action: string;
  readonly target: object;
  readonly details?: object;
  readonly outcome: string;
  readonly code?: number;
}
interface Page {
  readonly entries: Entry[];
  readonly next_cursor?: string;
}

@Controller('shop')
class ShopController {
  @Post(':id/close')
  @RequirePermissions('admin:system')
  close() {
    return { closed: true };
  }
}

const ADMIN = { permissions: ['admin:system'] };

describe('the audit log', () => {
  let gateway: TestGateway;
  let root: string;

  beforeAll(async () => {
    gateway = await startGateway({ log: { level: 'fatal' }, controllers: [ShopController] });
    root = gateway.token('root', { ...ADMIN, username: 'Root' });
  });
  afterAll(() => gateway.close());

  const act = (method: string, path: string, body?: unknown, token = root) =>
    gateway.fetch<Record<string, unknown>>(method, path, { token, ...(body === undefined ? {} : { body }) });
  const page = async (query = '') =>
    (await gateway.fetch<Page>('GET', `/api/operator/audit${query}`, { token: root })).body;
  const latest = async () => (await page('?limit=1')).entries[0];
  const count = async () => (await page('?limit=200')).entries.length;

  it('says who did what to whom over HTTP, from where, and how it ended', async () => {
    const victim = await gateway.connect('victim');
    const { connection_id } = await victim.next('connected');
    await act('DELETE', `/api/clients/${connection_id}`);
    expect(await latest()).toEqual({
      id: expect.any(String),
      at: expect.any(Number),
      actor_id: 'root',
      actor_name: 'Root',
      action: 'disconnect',
      target: { connection_id },
      outcome: 'done',
      node_id: expect.any(String),
      address: '127.0.0.1',
    });
    expect((await act('DELETE', '/api/clients/none')).status).toBe(404);
    expect(await latest()).toMatchObject({ action: 'disconnect', outcome: 'failed', code: 4000 });
    await act('DELETE', '/api/users/vic%20tim/sessions');
    expect(await latest()).toMatchObject({ action: 'revoke_user', target: { user_id: 'vic tim' }, outcome: 'done' });
    expect((await act('POST', '/api/operator/nodes/nowhere/drain')).status).toBe(404);
    expect(await latest()).toMatchObject({ action: 'drain', target: { node_id: 'nowhere' }, outcome: 'failed' });
    await act('DELETE', '/api/tokens/t-1');
    expect(await latest()).toMatchObject({ action: 'revoke_token', target: { token_id: 't-1' }, outcome: 'done' });
  });

  it('keeps of a broadcast how long it was and how it began', async () => {
    await act('POST', '/api/broadcast', { message: { text: `${'ä'.repeat(300)}END` } });
    const { details } = (await latest()) as { details: { bytes: number; text: string } };
    expect(details.bytes).toBe(Buffer.byteLength(JSON.stringify({ text: `${'ä'.repeat(300)}END` })));
    expect([details.text.length, details.text.startsWith('{"text":"ää')]).toEqual([200, true]);
    expect((await act('POST', '/api/broadcast', { message: '' })).status).toBe(400);
    expect(await latest()).toMatchObject({ action: 'broadcast', outcome: 'failed', code: 1001 });
    const deep = `{"message":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;
    expect((await act('POST', '/api/broadcast', deep, gateway.token('eve'))).status).toBe(403);
    expect(await latest()).toMatchObject({ action: 'broadcast', outcome: 'failed', code: 2001 });
  });

  it('has what is done in rooms by the power of operators, and nothing that owners and moderators do', async () => {
    const owner = await gateway.connect('owner');
    await owner.command('create_room', { room_id: 'club' });
    await owner.command('set_member', { room_id: 'club', user_id: 'mod', role: 'moderator' });
    const guest = await gateway.enter('guest', 'club');
    const mod = await gateway.connect('mod');
    const before = await count();
    await mod.command('kick_member', { room_id: 'club', user_id: 'guest' });
    await owner.command('update_room', { room_id: 'club', name: 'The club' });
    expect(await owner.request('kick_member', { room_id: 'club', user_id: 'nobody' })).toMatchObject({
      data: { code: 3003 },
    });
    expect(await guest.request('delete_room', { room_id: 'club' })).toMatchObject({ data: { code: 2001 } });
    expect(await count()).toBe(before);

    const admin = await gateway.connect('root', ADMIN);
    await guest.command('join_room', { room_id: 'club' });
    await guest.command('room_message', { room_id: 'club', content: 'MARKER' });
    await admin.command('redact_message', { room_id: 'club', seq: 1 });
    expect(await latest()).toMatchObject({
      action: 'redact_message',
      target: { room_id: 'club', seq: 1 },
      outcome: 'done',
    });
    await admin.command('kick_member', { room_id: 'club', user_id: 'guest', reason: 'spam' });
    expect(await latest()).toMatchObject({
      target: { room_id: 'club', user_id: 'guest' },
      details: { reason: 'spam' },
    });
    await admin.command('set_member', { room_id: 'club', user_id: 'guest', role: 'banned' });
    expect(await latest()).toMatchObject({ action: 'set_member', details: { role: 'banned' }, address: '127.0.0.1' });
    expect(await admin.request('set_member', { room_id: 'club', user_id: 'owner', role: 'none' })).toMatchObject({
      data: { code: 2001 },
    });
    expect(await latest()).toMatchObject({ action: 'set_member', outcome: 'failed', code: 2001 });
    await act('PATCH', '/api/rooms/club', { name: 'Ours', metadata: { note: 'MARKER' } });
    expect(await latest()).toMatchObject({
      action: 'update_room',
      target: { room_id: 'club' },
      details: { name: 'Ours', metadata: true },
    });
    await act('DELETE', '/api/rooms/club/members/nobody');
    expect(await latest()).toMatchObject({
      action: 'kick_member',
      target: { room_id: 'club', user_id: 'nobody' },
      code: 3003,
    });
    await act('DELETE', '/api/rooms/club');
    expect(await latest()).toMatchObject({ action: 'delete_room', target: { room_id: 'club' }, outcome: 'done' });
    expect(JSON.stringify(await page('?limit=200'))).not.toContain('MARKER');
  });

  it.each(['update_room', 'delete_room', 'set_member', 'kick_member', 'redact_message', 'tap'])(
    'leaves it to the command %s to refuse data that are none of its own',
    async (command) => {
      const admin = await gateway.connect('root', ADMIN);
      for (const data of [null, 5, 'text', [], {}, { room_id: 5, user_id: {}, role: [] }]) {
        expect(await admin.request(command, data as never)).toMatchObject({ data: { code: 1001 } });
      }
    },
  );

  it('does not have what an operator does as the owner of a room, or to his own message', async () => {
    const admin = await gateway.connect('root', ADMIN);
    const before = await count();
    await admin.command('create_room', { room_id: 'own' });
    await admin.command('update_room', { room_id: 'own', name: 'Mine' });
    await admin.command('join_room', { room_id: 'own' });
    await admin.command('room_message', { room_id: 'own', content: 1 });
    await admin.command('redact_message', { room_id: 'own', seq: 1 });
    await admin.command('delete_room', { room_id: 'own' });
    expect(await count()).toBe(before);
  });

  it('has a grant that is narrowed to rooms where it was used, there alone', async () => {
    const owner = await gateway.connect('owner');
    for (const room_id of ['help-1', 'other']) await owner.command('create_room', { room_id });
    const helper = await gateway.connect('helper', { permissions: ['admin:room@help-*'] });
    await helper.command('update_room', { room_id: 'help-1', name: 'Help' });
    expect(await latest()).toMatchObject({ actor_id: 'helper', action: 'update_room', target: { room_id: 'help-1' } });
    const before = await count();
    expect((await helper.request('update_room', { room_id: 'other', name: 'Help' })).data).toMatchObject({
      code: 2001,
    });
    expect(await count()).toBe(before);
  });

  it('has commands of services, over HTTP too, but not what they read or post', async () => {
    const service = (name: string, body: object) => act('POST', `/api/commands/${name}`, body);
    const before = await count();
    await service('create_room', { room_id: 'orders' });
    await service('room_message', { room_id: 'orders', content: 'MARKER' });
    await service('stats', {});
    await service('send_to_user', { user_id: 'guest', type: 'hello' });
    await act('POST', '/api/operator/explain', { user_id: 'guest', command: 'ping' });
    expect(await count()).toBe(before);
    await service('set_member', { room_id: 'orders', user_id: 'guest', role: 'member' });
    expect(await latest()).toMatchObject({ action: 'set_member', address: '127.0.0.1', outcome: 'done' });
    await service('disconnect_user', { user_id: 'guest' });
    expect(await latest()).toMatchObject({ action: 'disconnect_user', target: { user_id: 'guest' } });
    await service('join_user', { room_id: 'orders', user_id: 'guest' });
    expect(await latest()).toMatchObject({ action: 'join_user', target: { room_id: 'orders', user_id: 'guest' } });
    expect(await count()).toBe(before + 3);
  });

  it('has routes of an application that ask for admin:system', async () => {
    expect((await act('POST', '/shop/7/close')).status).toBe(201);
    expect(await latest()).toMatchObject({ action: 'POST shop/:id/close', outcome: 'done' });
  });

  it('has attempts without the power, at most ten of one user at once', async () => {
    const mallory = gateway.token('mallory');
    const before = await count();
    for (let n = 0; n < 15; n++)
      expect((await act('DELETE', '/api/users/root/sessions', undefined, mallory)).status).toBe(403);
    expect(await count()).toBe(before + 10);
    expect(await latest()).toMatchObject({ actor_id: 'mallory', action: 'revoke_user', outcome: 'failed', code: 2001 });
    expect((await act('GET', '/api/operator/audit', undefined, mallory)).status).toBe(403);
  });

  it('takes admin:system of rooms for no power, whatever room is named', async () => {
    const narrow = gateway.token('narrow', { permissions: ['admin:system@*'] });
    const before = await count();
    const path = '/api/users/root/sessions';
    for (let n = 0; n < 15; n++) expect((await act('DELETE', path, { room_id: 'own' }, narrow)).status).toBe(403);
    expect(await count()).toBe(before + 10);
  });

  it('is read by pages, the newest first, and by who, what and whom', async () => {
    const all = (await page('?limit=200')).entries;
    expect(all.map(({ id }) => id)).toEqual(
      all
        .map(({ id }) => id)
        .toSorted()
        .toReversed(),
    );
    const read: Entry[] = [];
    for (let next: string | undefined = ''; next !== undefined; ) {
      const { entries, next_cursor } = await page(`?limit=7${next === '' ? '' : `&cursor=${next}`}`);
      read.push(...entries);
      next = next_cursor;
    }
    expect(read).toEqual(all);
    const by = async (query: string) => (await page(`?limit=200&${query}`)).entries;
    expect(await by('actor=helper')).toEqual(all.filter(({ actor_id }) => actor_id === 'helper'));
    expect(await by('action=kick_member')).toEqual(all.filter(({ action }) => action === 'kick_member'));
    const ofClub = all.filter(({ target }) => Object.values(target).includes('club'));
    expect([ofClub.length > 5, await by('target=club')]).toEqual([true, ofClub]);
    expect(await by('target=owner&actor=root')).toHaveLength(1);
  });

  it('stands before what is done: where it cannot be stored, nothing is', async () => {
    const owner = await gateway.connect('owner');
    await owner.command('create_room', { room_id: 'kept' });
    const database = gateway.app.get(Database, { strict: false });
    await database.transaction((manager) => manager.query('ALTER TABLE audit_entry RENAME TO audit_away'));
    const refused = await act('DELETE', '/api/rooms/kept');
    expect([refused.status, refused.body]).toMatchObject([503, { name: 'ServerError', retryable: true }]);
    expect((await act('GET', '/api/rooms/kept')).status).toBe(200);
    await database.transaction((manager) => manager.query('ALTER TABLE audit_away RENAME TO audit_entry'));
    expect((await act('DELETE', '/api/rooms/kept')).status).toBe(204);
  });
});

describeOnEveryDatabase('the audit log', (_, type) => {
  let gateway: TestGateway;
  let made: TestServerDatabase | undefined;

  beforeAll(async () => {
    made = type === 'sqlite' ? undefined : await makeTestDatabase(type);
    const database = made === undefined ? {} : { database: { type: made.type, url: made.url } };
    gateway = await startGateway({ audit: { maxAgeS: 60 }, ...database });
  });
  afterAll(async () => {
    await gateway.close();
    await made?.drop();
  });

  it('keeps and finds what was done, and forgets what is older than audit.max_age_s', async () => {
    const token = gateway.token('root', ADMIN);
    for (const jti of ['A', 'a', 'b']) await gateway.fetch('DELETE', `/api/tokens/${jti}`, { token });
    const found = async (query: string) =>
      (await gateway.fetch<Page>('GET', `/api/operator/audit?${query}`, { token })).body.entries.map(
        ({ target }) => target,
      );
    expect(await found('')).toEqual(['b', 'a', 'A'].map((token_id) => ({ token_id })));
    expect(await found('target=a')).toEqual([{ token_id: 'a' }]);
    const housekeeping = gateway.app.get(Housekeeping, { strict: false });
    await housekeeping.prune();
    expect(await found('')).toHaveLength(3);
    const later = Date.now() + 90_000;
    const clock = jest.spyOn(gateway.app.get(ClusterClock, { strict: false }), 'now').mockReturnValue(later);
    await gateway.fetch('DELETE', '/api/tokens/late', { token });
    await housekeeping.prune();
    clock.mockRestore();
    expect(await found('')).toEqual([{ token_id: 'late' }]);
  });
});
