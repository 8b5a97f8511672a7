import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Authenticator, type HubbubConfig, HubbubModule, loadConfig, Rooms } from '@hubbub/hubbub';
import { startGateway, type TestGateway } from '@hubbub/testing';
import { Module } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { DataSource } from 'typeorm';
import { blocksOf } from '../testing/page.js';
import { Policies } from './policies.js';
import { ScopeAuthenticator } from './scope-authenticator.js';
import { TeamAuthenticator } from './team-authenticator.js';

/** docs/recipes.md: who may do what. */

const database = new DataSource({ type: 'better-sqlite3', database: ':memory:' });
@Module({ providers: [{ provide: DataSource, useValue: database }], exports: [DataSource] })
class DatabaseModule {}

const config = {};
@Module({
  imports: [
    HubbubModule.forRoot(config, {
      imports: [DatabaseModule], // exports your DataSource
      providers: [{ provide: Authenticator, useClass: TeamAuthenticator }],
    }),
  ],
})
class AppModule {}

describe('a database of your own', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    await database.initialize();
    await database.query('CREATE TABLE team_members (user_id TEXT, team TEXT, may_write INTEGER)');
    await database.query(`INSERT INTO team_members VALUES ('alice', 'red', 1), ('bob', 'red', 0)`);
    gateway = await startGateway({ imports: [AppModule] });
    const admin = gateway.app.get(Rooms, { strict: false });
    for (const id of ['team.red.tea', 'team.blue.tea']) await admin.create({ id });
  });
  afterAll(async () => {
    await gateway.close();
    await database.destroy();
  });

  it('says who may enter, and who may write, whatever the token grants', async () => {
    const alice = await gateway.enter('alice', 'team.red.tea', { permissions: ['admin:system'] });
    await alice.command('room_message', { room_id: 'team.red.tea', content: 'hello' });
    await expect(alice.command('join_room', { room_id: 'team.blue.tea' })).rejects.toMatchObject({ name: 'Forbidden' });
    const bob = await gateway.enter('bob', 'team.red.tea');
    await expect(bob.command('room_message', { room_id: 'team.red.tea', content: 1 })).rejects.toMatchObject({
      name: 'Forbidden',
    });
    const token = gateway.token('bob');
    const read = (room: string) => gateway.fetch('GET', `/api/rooms/${room}/messages`, { token });
    expect([(await read('team.red.tea')).status, (await read('team.blue.tea')).status]).toEqual([200, 403]);
  });

  it('is read anew with the next token, and that is soon', async () => {
    const carol = await gateway.connect('carol');
    const { expires_at: end = 0 } = await carol.next('connected');
    expect(end).toBeGreaterThan(Date.now());
    expect(end).toBeLessThanOrEqual(Date.now() + 300_000);
    await expect(carol.command('join_room', { room_id: 'team.blue.tea' })).rejects.toMatchObject({ code: 2001 });
    await database.query(`INSERT INTO team_members VALUES ('carol', 'blue', 0)`);
    await carol.command('authenticate', { token: gateway.token('carol') });
    expect(await carol.command('join_room', { room_id: 'team.blue.tea' })).toMatchObject({ status: 'joined' });
  });
});

describe('an issuer of your own', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = createServer((_, response) => {
    response.end(
      JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' }] }),
    );
  });
  const cwd = mkdtempSync(join(tmpdir(), 'hubbub-jwks-'));
  let auth: HubbubConfig['auth'];
  beforeAll(async () => {
    await new Promise<void>((listening) => keys.listen(0, '127.0.0.1', listening));
    const yaml = blocksOf('docs/recipes.md').find(({ file }) => file === 'config/hubbub.yaml')?.text ?? '';
    writeFileSync(join(cwd, 'hubbub.yaml'), yaml);
    const { port } = keys.address() as AddressInfo;
    const env = { HUBBUB_AUTH_JWKS_URL: `http://127.0.0.1:${port}/.well-known/jwks.json` };
    ({ auth } = loadConfig({ env, cwd, file: 'hubbub.yaml' }));
  });
  afterAll(async () => {
    await new Promise((closed) => keys.close(closed));
    rmSync(cwd, { recursive: true });
  });

  const sign = (claims: object, issuer = 'https://login.example.com/') =>
    new JwtService({ privateKey }).sign(
      { sub: 'alice', ...claims },
      { algorithm: 'RS256', keyid: 'k1', expiresIn: 600, issuer, audience: 'chat' },
    );

  it('names roles, which the configuration explains', async () => {
    await using gateway = await startGateway({ auth });
    const alice = await gateway.open({ token: sign({ roles: ['member'] }) });
    expect(await alice.next('connected')).toMatchObject({
      user_id: 'alice',
      permissions: ['read:message', 'send:message', 'join:room', 'leave:room'],
    });
    const forged = new JwtService({ privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey });
    const options = { algorithm: 'RS256', keyid: 'k1', expiresIn: 600, audience: 'chat' } as const;
    const token = forged.sign({ sub: 'alice', iss: 'https://login.example.com/' }, options);
    await expect(gateway.open({ token })).rejects.toMatchObject({ status: 401 });
    const elsewhere = sign({ roles: ['member'] }, 'https://elsewhere.example.com/');
    await expect(gateway.open({ token: elsewhere })).rejects.toMatchObject({ status: 401 });
    expect(
      (await gateway.fetch('POST', '/api/auth/register', { body: { username: 'eve', password: 'long enough' } }))
        .status,
    ).toBe(403);
  });

  it('says in words of its own what somebody may do', async () => {
    const providers = [{ provide: Authenticator, useClass: ScopeAuthenticator }];
    await using gateway = await startGateway({ auth, imports: [HubbubModule.forRoot({}, { providers })] });
    const alice = await gateway.open({ token: sign({ scope: 'read:message join:room' }) });
    expect((await alice.next('connected')).permissions).toEqual(['read:message', 'join:room']);
    const bob = await gateway.open({ token: sign({ sub: 'bob' }) });
    expect((await bob.next('connected')).permissions).toEqual([]);
  });
});

it('rooms have the policies of their patterns', async () => {
  await using gateway = await startGateway({ providers: [Policies] });
  const editor = await gateway.connect('editor', { permissions: ['admin:system'] });
  for (const room_id of ['news.today', 'support.1']) await editor.command('create_room', { room_id });
  const alice = await gateway.enter('alice', 'news.today');
  await expect(alice.command('room_message', { room_id: 'news.today', content: 1 })).rejects.toMatchObject({
    body: { details: { permission: 'send:news' } },
  });
  const room_id = 'support.1';
  const allowed = { permissions: ['join:room', 'join:support', 'send:message'] };
  await expect(gateway.enter('alice', room_id)).rejects.toMatchObject({ name: 'Forbidden' });
  await expect(gateway.enter('bob', room_id, allowed)).rejects.toMatchObject({ name: 'Forbidden' });
  await editor.command('set_member', { room_id, user_id: 'bob', role: 'invited' });
  const bob = await gateway.enter('bob', room_id, allowed);
  for (let n = 0; n < 5; n++) await bob.command('room_message', { room_id, content: n });
  await expect(bob.command('room_message', { room_id, content: 6 })).rejects.toMatchObject({ name: 'RateLimited' });
  const { room } = await alice.command('join_room', { room_id: 'game.1' });
  expect(room).toMatchObject({ max_clients: 8, history: 'durable' });
});
