import { PermissionSet } from '@hubbub/protocol';
import { OperatorUsers } from './operator-users.service.js';

type Dependencies = ConstructorParameters<typeof OperatorUsers>;

describe('the connections of a user', () => {
  it('are fewer rather than too large for the bus, and all of them counted', () => {
    const rooms = Array.from({ length: 128 }, (_, n) => `${n}`.padEnd(128, 'x'));
    const identity = { username: 'eve', permissions: PermissionSet.NONE };
    const connections = new Set(Array.from({ length: 150 }, () => ({ identity, backlogBytes: 0 })));
    type Handler = (request: { userId: string }) => { count: number; connections: object[] };
    const handlers: Handler[] = [];
    const control = { handle: (_name: string, handler: Handler) => handlers.push(handler) };
    const fakes = [control, { ofUser: () => connections }, { describe: () => ({ rooms }) }, {}, {}];
    new OperatorUsers(...(fakes as unknown as Dependencies)).onModuleInit();
    const told = handlers[0]?.({ userId: 'eve' }) ?? { count: 0, connections: [] };
    expect(told.count).toBe(150);
    expect(told.connections.length).toBeGreaterThan(10);
    expect(Buffer.byteLength(JSON.stringify(told))).toBeLessThan(512 * 1024);
  });
});
