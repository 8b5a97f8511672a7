import { once } from 'node:events';
import type { Socket } from 'node:net';
import { HubbubError } from '@hubbub/protocol';
import { ForbiddenException, Injectable } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Connection } from './connection.js';
import { CurrentConnection } from './decorators.js';
import { OnUpgrade, type UpgradeAttempt } from './hooks.js';
import { clientFrame, RawSocket } from './testing/raw-socket.js';
import { Refused } from './testing/refused.js';
import { WireApp } from './testing/wire-harness.js';

declare global {
  namespace Hubbub {
    interface ConnectionData {
      tenant?: string;
    }
  }
}

@Injectable()
class Tenants {
  nameOf(host: unknown): string {
    return `tenant of ${String(host)}`;
  }
}

/** What each attempt meets; told by the header `x-way`. */
@Injectable()
class Door {
  attempts: UpgradeAttempt[] = [];
  asked: () => void = () => undefined;
  open: () => void = () => undefined;

  constructor(private readonly tenants: Tenants) {}

  @OnUpgrade()
  async first(attempt: UpgradeAttempt) {
    this.attempts.push(attempt);
    attempt.data.tenant = this.tenants.nameOf(attempt.headers['x-tenant']);
    const opened = new Promise<void>((resolve) => (this.open = resolve));
    this.asked();
    switch (String(attempt.headers['x-way'])) {
      case 'wait':
        return opened;
      case 'never':
        return new Promise<void>(() => undefined);
      case 'full':
        throw new HubbubError('RateLimited', { message: 'Your plan is full.', retryAfterMs: 2500 });
      case 'nest':
        throw new ForbiddenException('Not from here.');
      case 'bug':
        throw new Error('s3cret');
      default:
        return undefined;
    }
  }

  @OnUpgrade()
  second({ headers }: UpgradeAttempt): boolean {
    return headers['x-way'] !== 'false';
  }
}

@WebSocketGateway()
class Who {
  @SubscribeMessage('tenant')
  tenant(@CurrentConnection() connection: Connection) {
    return { tenant: connection.data.tenant };
  }
}

describe('@OnUpgrade', () => {
  let node: WireApp;
  let door: Door;
  beforeAll(async () => {
    node = await WireApp.start({ auth: { deadlineMs: 200 } }, { providers: [Tenants, Door, Who] });
    door = node.app.get(Door);
  });
  beforeEach(() => (door.attempts = []));
  afterEach(() => {
    door.asked = () => undefined;
    jest.restoreAllMocks();
  });
  afterAll(() => node.stop());

  const refusal = async (way: string) => {
    const outcome: unknown = await node
      .connect('alice', { headers: { 'x-way': way } })
      .catch((error: unknown) => error);
    if (outcome instanceof Refused) return outcome;
    throw new Error('the upgrade was not refused', { cause: outcome });
  };

  it('shows the request and who it is, and may add to the bag of the connection', async () => {
    const client = await node.connect('alice', { headers: { 'x-tenant': 'acme' }, protocols: ['hubbub.v1'] });
    expect((await client.command('tenant')).data).toEqual({ tenant: 'tenant of acme' });
    expect(door.attempts[0]).toMatchObject({
      url: '/ws',
      remoteAddress: '127.0.0.1',
      protocols: ['hubbub.v1'],
      identity: { userId: 'alice' },
    });
    const stranger = await node.connect(undefined);
    expect((await stranger.next('connected')).data.user_id).toBeNull();
    expect(door.attempts[1]?.identity).toBeNull();
  });

  it.each([
    ['false', 403, 'Forbidden', expect.any(String)],
    ['full', 429, 'RateLimited', 'Your plan is full.'],
    ['nest', 403, 'Forbidden', 'Not from here.'],
  ])('refuses by what the hook says: %s', async (way, status, name, message) => {
    const refused = await refusal(way);
    expect([refused.status, refused.body]).toEqual([status, expect.objectContaining({ name, message })]);
    if (way === 'full') expect(refused.headers['retry-after']).toBe('3');
  });

  it('refuses with 500 where a hook fails, logs it once and tells nothing of it', async () => {
    const logged = jest.fn();
    node.app.useLogger({ log() {}, warn() {}, error: logged });
    const refused = await refusal('bug');
    node.app.useLogger(['error', 'warn']);
    expect(refused.status).toBe(500);
    expect(JSON.stringify(refused.body)).not.toContain('s3cret');
    expect(logged).toHaveBeenCalledTimes(1);
  });

  it('refuses with 504 what takes longer than auth.deadline_ms, and frees its place', async () => {
    const refused = await refusal('never');
    expect([refused.status, refused.body]).toEqual([504, expect.objectContaining({ name: 'Timeout' })]);
    expect(door.attempts[0]?.signal.aborted).toBe(true);
    expect([...node.connections.all()].filter(({ isOpen }) => !isOpen)).toEqual([]);
  });

  it('loses nothing of a client that does not wait for the answer', async () => {
    const server = node.app.getHttpServer();
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const asked = new Promise<void>((resolve) => (door.asked = resolve));
    const socket = await RawSocket.open(node.ws, {
      authorization: 'Bearer early',
      'x-way': 'wait',
      'x-tenant': 'acme',
    });
    const [here] = await accepted;
    await asked;
    const read = here.bytesRead;
    for (const n of [1, 2]) socket.write(clientFrame(1, Buffer.from(`{"message_type":"tenant","message_id":${n}}`)));
    while (here.bytesRead === read) await new Promise(setImmediate);
    door.open();
    const client = await RawSocket.answered(socket);
    expect(client.status).toBe(101);
    await client.until('"request_id":2');
    socket.destroy();
  });

  it.each(['end', 'destroy'] as const)('lets go at once of a client that goes away meanwhile (%s)', async (how) => {
    const asked = new Promise<void>((resolve) => (door.asked = resolve));
    const pending = () => [...node.connections.all()].filter(({ isOpen }) => !isOpen).length;
    const socket = await RawSocket.open(node.ws, { authorization: 'Bearer gone', 'x-way': 'wait' });
    await asked;
    expect(pending()).toBe(1);
    const { signal } = door.attempts[0] as UpgradeAttempt;
    const aborted = once(signal, 'abort');
    socket[how]();
    await aborted;
    expect(pending()).toBe(0);
    expect(node.connections.ofUser('gone').size).toBe(0);
    door.open();
  });
});
