import {
  type Account,
  Accounts,
  AuthController,
  Authenticator,
  type CredentialsRequest,
  HubbubError,
  type Identity,
  PermissionSet,
} from '@hubbub/hubbub';
import type { TestGateway } from '@hubbub/testing';
import { ForbiddenException, Injectable, Module, UnauthorizedException } from '@nestjs/common';
import { closeApplications, PLATFORMS, startApplication } from './applications.js';

interface User {
  readonly id: string;
  readonly name: string;
  readonly rights: readonly string[];
}

/** The application's own table of sessions, somewhere that takes its time. */
@Injectable()
class SessionTable {
  async find(id: string): Promise<User | undefined> {
    await new Promise(setImmediate);
    if (id === 'broken') throw new TypeError('s3cret of the session table');
    if (id === 'barred') throw new ForbiddenException('You are barred.');
    if (id === 'stale') throw new UnauthorizedException();
    if (id === 'endless') return new Promise(() => {});
    return id === 'una' || id === 'timeless'
      ? { id: 'u-1', name: 'Una', rights: ['create:room', 'join:room', 'read:message'] }
      : undefined;
  }
}

@Module({ providers: [SessionTable], exports: [SessionTable] })
class SessionTableModule {}

@Injectable()
class SessionAuthenticator extends Authenticator {
  constructor(private readonly table: SessionTable) {
    super();
  }

  override credentialsOf({ headers }: CredentialsRequest): string | null {
    return /(?:^|; )sid=([^;]+)/.exec(headers.cookie ?? '')?.[1] ?? null;
  }

  async authenticate(session: string): Promise<Identity> {
    if (session === 'nobody') return undefined as never;
    const user = await this.table.find(session);
    if (user === undefined) throw new HubbubError('InvalidToken');
    const timeless = session === 'timeless' ? { expiresAt: Date.parse('when it suits') } : {};
    return {
      ...timeless,
      userId: user.id,
      username: user.name,
      anonymous: false,
      permissions: new PermissionSet(user.rights),
    };
  }
}

describe.each(PLATFORMS)('the sessions of an application on %s', (platform) => {
  let app: TestGateway;
  beforeAll(async () => {
    app = await startApplication({
      platform,
      config: { auth: { deadlineMs: 500 }, log: { level: 'fatal' } },
      hubbub: {
        without: [AuthController],
        imports: [SessionTableModule],
        providers: [{ provide: Authenticator, useClass: SessionAuthenticator }],
      },
    });
  });
  afterAll(closeApplications);

  const cookie = (session: string, more: Record<string, string> = {}) => ({
    headers: { cookie: `theme=dark; sid=${session}`, ...more },
  });

  it('identify at the upgrade, by cookie', async () => {
    const client = await app.open(cookie('una'));
    expect(await client.next('connected')).toMatchObject({ user_id: 'u-1', username: 'Una', authenticated: true });
    await client.command('create_room', { room_id: 'salon' });
    await expect(client.command('direct_message', { target_id: 'x', content: 1 })).rejects.toMatchObject({
      code: 2001,
    });
  });

  it('identify at HTTP routes, and by the command authenticate', async () => {
    expect((await app.fetch('GET', '/api/rooms', cookie('una'))).status).toBe(200);
    expect((await app.fetch('GET', '/api/rooms', { token: 'una' })).status).toBe(200);
    expect(await app.fetch('GET', '/api/rooms')).toMatchObject({ status: 401, body: { code: 2000 } });
    const client = await app.open();
    expect(await client.command('authenticate', { token: 'una' })).toMatchObject({ user_id: 'u-1' });
  });

  it('are not lent to pages of other origins', async () => {
    const foreign = cookie('una', { origin: 'https://elsewhere.example' });
    await expect(app.open(foreign)).rejects.toMatchObject({ status: 403 });
    const posted = await app.fetch('POST', '/api/rooms', { ...foreign, body: { id: 'forged' } });
    expect(posted).toMatchObject({ status: 403, body: { code: 2001 } });
    const own = cookie('una', { origin: app.http });
    expect((await app.fetch('POST', '/api/rooms', { ...own, body: { id: 'made' } })).status).toBe(201);
  });

  it.each([
    ['is unknown', 'unknown', 401, 2003],
    ['is refused by an exception of Nest', 'barred', 403, 2001],
    ['is stale', 'stale', 401, 2000],
    ['breaks the table', 'broken', 500, 1000],
    ['comes back as nobody', 'nobody', 500, 1000],
    ['ends at no time that there is', 'timeless', 500, 1000],
  ])('one that %s is answered so, and harms nobody else', async (_, session, status, code) => {
    const other = await app.open(cookie('una'));
    const refusal = await app
      .open(cookie(session))
      .catch((error: unknown) => error as { status: number; body: string });
    expect(refusal).toMatchObject({ status });
    const { body } = refusal as { body: string };
    expect(JSON.parse(body)).toMatchObject({ code });
    expect(body).not.toContain('s3cret');
    expect(await app.fetch('GET', '/api/rooms', cookie(session))).toMatchObject({ status, body: { code } });
    const late = await app.open();
    await expect(late.command('authenticate', { token: session })).rejects.toMatchObject({ code });
    await other.settle();
  });

  it('one that is looked for without end is given up', async () => {
    await expect(app.open(cookie('endless'))).rejects.toMatchObject({ status: 504 });
    expect(await app.fetch('GET', '/api/rooms', cookie('endless'))).toMatchObject({
      status: 504,
      body: { code: 1004 },
    });
    const late = await app.open();
    late.sendFrame({ message_type: 'authenticate', data: { token: 'endless' } });
    expect((await late.closed).code).toBe(4500);
  });
});

/** Who signs in is looked up in the application's own directory. */
@Injectable()
class DirectoryAccounts extends Accounts {
  async register(): Promise<Account> {
    throw new HubbubError('Forbidden', { message: 'Accounts are made by the staff.' });
  }

  async check(username: string, password: string): Promise<Account | null> {
    return password === 'of the directory' ? this.find(username.toLowerCase()) : null;
  }

  async find(userId: string): Promise<Account | null> {
    return userId === 'ida' ? { userId: 'ida', username: 'Ida' } : null;
  }
}

describe('accounts of an application', () => {
  afterAll(closeApplications);

  it("sign in through Hubbub's routes, and are those whom messages reach", async () => {
    const app = await startApplication({
      config: { auth: { localOnly: true } },
      hubbub: { providers: [{ provide: Accounts, useClass: DirectoryAccounts }] },
    });
    const post = (path: string, password: string) =>
      app.fetch<Record<string, string>>('POST', `/api/auth/${path}`, { body: { username: 'Ida', password } });
    expect(await post('register', 'long enough')).toMatchObject({ status: 403, body: { code: 2001 } });
    expect(await post('login', 'long enough')).toMatchObject({ status: 401 });
    const { status, body } = await post('login', 'of the directory');
    expect([status, body['user_id']]).toEqual([200, 'ida']);
    const ida = await app.open({ token: body['access_token']! });
    await ida.command('direct_message', { target_id: 'ida', content: 'to myself' });
    await expect(ida.command('direct_message', { target_id: 'stranger', content: 1 })).rejects.toMatchObject({
      name: expect.any(String),
    });
  });
});
