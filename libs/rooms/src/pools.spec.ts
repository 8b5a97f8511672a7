import { type Connection, Connections, Push } from '@hubbub/transport';
import { Pools } from './pools.js';
import { RoomsApp } from './testing/rooms-app.js';

describe('Pools', () => {
  let app: RoomsApp;
  beforeAll(async () => {
    app = await RoomsApp.start();
  });
  afterAll(() => app.close());

  it('send to their connections without a room, and let go of those that end', async () => {
    const pools = app.get(Pools);
    const [ann, bob] = [await app.connect('ann'), await app.connect('bob')];
    const of = (userId: string) => [...app.get(Connections).ofUser(userId)][0] as Connection;
    expect(pools.add('players', of('ann'))).toBe(true);
    expect(pools.add('players', of('ann'))).toBe(false);
    pools.add('players', of('bob'));
    pools.add('winners', of('bob'));
    pools.broadcast('players', new Push('tick', '{"n":1}'));
    pools.broadcast('players', new Push('tick', '{"n":2}'), of('bob'));
    expect(await ann.push('tick')).toEqual({ n: 1 });
    expect(await ann.push('tick')).toEqual({ n: 2 });
    await bob.settle();
    expect(bob.raw.frames.filter(({ message_type }) => message_type === 'tick')).toHaveLength(1);

    const gone = of('bob');
    await bob.close();
    await app.untilConnections(1);
    expect([...pools.of('players')]).toEqual([of('ann')]);
    expect([...pools.names()]).toEqual(['players']);
    expect(pools.add('players', gone)).toBe(false);
    expect(pools.remove('players', of('ann'))).toBe(true);
    expect(pools.remove('players', of('ann'))).toBe(false);
    expect([...pools.names()]).toEqual([]);
  });
});
