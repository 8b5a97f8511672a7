import { Control } from '@hubbub/bus';
import { PermissionSet } from '@hubbub/protocol';
import { startGateway, type TestGateway, VirtualClock } from '@hubbub/testing';
import type { Connection } from '@hubbub/transport';
import { TapSources, WATCH } from './tap-sources.service.js';
import { Taps } from './taps.service.js';

describe('a tap, as time goes on', () => {
  let clock: VirtualClock;
  let gateway: TestGateway;

  beforeAll(async () => {
    clock = new VirtualClock();
    gateway = await startGateway();
  });
  afterAll(async () => {
    await gateway.close();
    clock.restore();
  });

  const watching = () => gateway.app.get(TapSources, { strict: false }).size;
  const open = (connection: object) =>
    gateway.app
      .get(Taps, { strict: false })
      .open({ roomId: 'lobby', sample: 1, content: false }, connection as Connection);
  const operator = () => ({ identity: { permissions: new PermissionSet(['admin:system']) } });

  it('is forgotten by a node that hears no more of it, neither its end nor that it goes on', async () => {
    const control = gateway.app.get(Control, { strict: false });
    const spec = { id: 'lost', nodeId: 'elsewhere', roomId: 'lobby', sample: 1, content: false };
    await control.call(WATCH, spec);
    await clock.advance(10_000);
    await control.call(WATCH, spec);
    await clock.advance(14_000);
    expect(watching()).toBe(1);
    await clock.advance(2000);
    expect(watching()).toBe(0);
  });

  it('goes on beyond its lease, and ends after ten minutes', async () => {
    const stream = await open(operator());
    expect((await stream.next()).value).toMatchObject({ type: 'tap_started' });
    const end = stream.next();
    await clock.advance(20_000);
    expect(watching()).toBe(1);
    await clock.jump(580_000);
    expect(await end).toEqual({ done: true, value: undefined });
    expect(watching()).toBe(0);
  });

  it('ends within seconds with Forbidden where a new token grants less', async () => {
    const connection = operator();
    const stream = await open(connection);
    await stream.next();
    const end = stream.next().catch((error: unknown) => error);
    connection.identity.permissions = new PermissionSet(['admin:system@lobby']);
    await clock.advance(6000);
    expect(await end).toMatchObject({ name: 'Forbidden' });
    expect(watching()).toBe(0);
  });
});
