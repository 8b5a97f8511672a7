import { RequirePermissions } from '@hubbub/auth';
import { CommandTable } from '@hubbub/transport';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Room } from './room.decorator.js';
import type { CurrentRoom } from './rooms.service.js';
import { ORDINARY, RoomsApp } from './testing/rooms-app.js';

@WebSocketGateway()
class Notes {
  @SubscribeMessage('note')
  note(@Room() room: CurrentRoom) {
    return { id: room.id, role: room.role, name: room.name };
  }

  @SubscribeMessage('peek')
  peek(@Room({ member: false }) room: CurrentRoom) {
    return { id: room.id, role: room.role };
  }

  @SubscribeMessage('stamp')
  @RequirePermissions('stamp:note')
  stamp(@Room() { id }: CurrentRoom) {
    return { id };
  }
}

describe('@Room()', () => {
  let app: RoomsApp;
  beforeAll(async () => {
    app = await RoomsApp.start({ providers: [Notes] });
    const alice = await app.connect('alice');
    await alice.do('create_room', { room_id: 'open', name: 'Open' });
    await alice.do('create_room', { room_id: 'closed', visibility: 'private' });
  });
  afterEach(() => app.closeClients());
  afterAll(() => app.close());

  it('is the room that the command names, with the role of who asks', async () => {
    const alice = await app.connect('alice');
    await alice.do('join_room', { room_id: 'open' });
    expect(await alice.do('note', { room_id: 'open' })).toEqual({ id: 'open', role: 'owner', name: 'Open' });
    const bob = await app.connect('bob');
    await bob.do('join_room', { room_id: 'open' });
    expect(await bob.do('note', { room_id: 'open' })).toMatchObject({ role: 'none' });
  });

  it('is refused as the commands of rooms refuse it', async () => {
    const bob = await app.connect('bob');
    expect(await bob.fail('note', { room_id: 'nowhere' })).toBe(3000);
    expect(await bob.fail('note', { room_id: 'open' })).toBe(3003);
    expect(await bob.fail('note', { room_id: 'no room id' })).toBe(1001);
    expect(await bob.fail('note')).toBe(1001);
    await bob.do('join_room', { room_id: 'open' });
    // Another connection of the same user is not in the room.
    expect(await (await app.connect('bob')).fail('note', { room_id: 'open' })).toBe(3003);
  });

  it('is given to who may join where membership is not asked for', async () => {
    const bob = await app.connect('bob');
    expect(await bob.do('peek', { room_id: 'open' })).toEqual({ id: 'open', role: 'none' });
    expect(await bob.fail('peek', { room_id: 'closed' })).toBe(2001);
    expect(await bob.fail('peek', { room_id: 'nowhere' })).toBe(3000);
  });

  it('makes the command one about that room, for grants narrowed to rooms and for documents', async () => {
    const bob = await app.connect('bob', [...ORDINARY, 'stamp:note@op*']);
    await bob.do('join_room', { room_id: 'open' });
    expect(await bob.do('stamp', { room_id: 'open' })).toEqual({ id: 'open' });
    expect(await bob.fail('stamp', { room_id: 'closed' })).toBe(2001);
    expect(app.get(CommandTable).routes.get('note')?.contract.schema).toMatchObject({
      properties: { room_id: { type: 'string' } },
      required: ['room_id'],
    });
  });
});
