import {
  AuthController,
  type Connection,
  CurrentUser,
  HealthController,
  type HubbubOptions,
  type Identity,
  MetricsController,
  OperatorController,
  PresenceGateway,
  RequirePermissions,
  RoomsController,
} from '@hubbub/hubbub';
import { Controller, Get } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { closeApplications, PLATFORMS, startApplication } from './applications.js';

@WebSocketGateway()
class LoudGateway {
  @SubscribeMessage('direct_message')
  @RequirePermissions('send:message')
  shout(@MessageBody() { content }: { content: string }, @CurrentUser() { userId }: Identity) {
    return { from: userId, content: content.toUpperCase() };
  }
}

@WebSocketGateway()
class PresentGateway {
  @SubscribeMessage('set_presence')
  set(@ConnectedSocket() { id }: Connection) {
    return { of: id };
  }
}

@WebSocketGateway()
class PresentAndMore extends PresenceGateway {
  @SubscribeMessage('more')
  more() {
    return { more: true };
  }
}

@Controller('health')
class OwnHealthController {
  @Get()
  check(): object {
    return { mine: true };
  }
}

describe('built-in parts', () => {
  afterAll(closeApplications);

  it.each(PLATFORMS)(
    'controllers that are left out have no routes, which are free for own ones, on %s',
    async (platform) => {
      const app = await startApplication({
        platform,
        hubbub: { without: [AuthController, HealthController, MetricsController, OperatorController, RoomsController] },
        controllers: [OwnHealthController],
      });
      const token = app.token('root', { permissions: ['admin:system'] });
      const status = async (method: string, path: string) => (await app.fetch(method, path, { token })).status;
      expect(await status('POST', '/api/auth/register')).toBe(404);
      expect(await status('GET', '/metrics')).toBe(404);
      expect(await status('GET', '/api/stats')).toBe(404);
      expect(await status('GET', '/api/rooms')).toBe(404);
      expect((await app.fetch('GET', '/health')).body).toEqual({ mine: true });
      // Of the rest nothing is missing.
      expect(await status('DELETE', '/api/users/x/sessions')).toBe(200);
      const client = await app.connect('alice');
      await client.command('create_room', { room_id: 'still' });
      expect(await status('GET', '/api/rooms/still/messages')).toBe(200);
    },
  );

  it('a command that is left out is answered UnknownType, and the others of its gateway are served', async () => {
    const app = await startApplication({ hubbub: { without: ['direct_message'] } });
    const client = await app.connect('alice');
    await expect(client.command('direct_message', { target_id: 'bob', content: 1 })).rejects.toMatchObject({
      code: 1006,
    });
    expect(await client.command('inbox')).toMatchObject({ messages: [] });
  });

  it("a gateway of the application takes a command over, and answers in Hubbub's place", async () => {
    const app = await startApplication({ hubbub: { without: ['direct_message'] }, providers: [LoudGateway] });
    const client = await app.connect('alice');
    expect(await client.request('direct_message', { content: 'hi' })).toMatchObject({
      message_type: 'direct_message_sent',
      data: { from: 'alice', content: 'HI' },
    });
  });

  it('a whole gateway is left out by its class, and another one takes what it wants of it', async () => {
    const app = await startApplication({ hubbub: { without: [PresenceGateway] }, providers: [PresentGateway] });
    const client = await app.connect('alice');
    expect(await client.command('set_presence', { state: {} })).toEqual({ of: expect.any(String) });
    await expect(client.command('watch_online', { enabled: true })).rejects.toMatchObject({ code: 1006 });
    await client.command('create_room', { room_id: 'r' });
    expect(await client.command('join_room', { room_id: 'r' })).toMatchObject({ member_count: 1 });
  });

  it('a subclass stands in place of its gateway, with all that it inherits', async () => {
    const app = await startApplication({
      hubbub: { providers: [{ provide: PresenceGateway, useClass: PresentAndMore }] },
    });
    const client = await app.connect('alice');
    expect(await client.command('more')).toEqual({ more: true });
    expect(await client.command('watch_online', { enabled: true })).toEqual({ count: 1 });
  });

  it('two handlers of one command are refused at the start, and how to have yours is said', async () => {
    await expect(startApplication({ providers: [LoudGateway] })).rejects.toThrow(
      /"direct_message" has two handlers: .*LoudGateway\.shout.*\{ without: \['direct_message'\] \}/,
    );
  });

  it.each<[HubbubOptions['without'], string]>([
    [['direct_mesage' as never], 'Hubbub has no command direct_mesage'],
    [[LoudGateway], 'Hubbub has no LoudGateway that could be left out'],
    [['constructor' as never], 'Hubbub has no command constructor'],
    [[undefined as never], 'Hubbub has no command undefined'],
  ])('what is not there cannot be left out: %j', async (without, message) => {
    await expect((async () => startApplication({ hubbub: { without } }))()).rejects.toThrow(message);
  });

  it('two applications of one process each have their own', async () => {
    const [all, some] = [
      await startApplication(),
      await startApplication({ hubbub: { without: ['direct_message', RoomsController] } }),
    ];
    const [alice, bob] = [await all.connect('alice'), await some.connect('bob')];
    await alice.command('direct_message', { target_id: 'bob', content: 1 });
    await expect(bob.command('direct_message', { target_id: 'alice', content: 1 })).rejects.toMatchObject({
      code: 1006,
    });
    expect((await all.fetch('GET', '/api/rooms', { token: all.token('alice') })).status).toBe(200);
    expect((await some.fetch('GET', '/api/rooms', { token: some.token('bob') })).status).toBe(404);
  });
});
