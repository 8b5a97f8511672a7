import { WireApp } from './testing/wire-harness.js';

describe('connecting', () => {
  let node: WireApp;
  beforeAll(async () => {
    node = await WireApp.start();
  });
  afterAll(() => node.stop());

  it('tells a connection first who it is and what applies to it', async () => {
    const alice = await node.connect('alice');
    const connected = await alice.next('connected');
    expect(alice.frames[0]).toBe(connected);
    expect(await alice.command('ping', { ts: 1 })).toMatchObject({ message_type: 'pong', data: { ts: 1 } });
  });
});
