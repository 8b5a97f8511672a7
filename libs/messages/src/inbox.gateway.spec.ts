import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Accounts, AUTH_ENTITIES, AUTH_MIGRATIONS, AuthModule, TokenService } from '@hubbub/auth';
import { BusModule, NodeInfo } from '@hubbub/bus';
import { ClusterModule } from '@hubbub/cluster';
import { ConfigModule, HubbubConfig, type PartialConfig } from '@hubbub/config';
import { HealthModule, MetricsModule } from '@hubbub/observability';
import { COMMANDS, isValid, PUSHES } from '@hubbub/protocol';
import { StorageModule } from '@hubbub/storage';
import { HubbubWsAdapter, NodeIdentity, TransportModule } from '@hubbub/transport';
import { RawClient } from '@hubbub/transport/testing';
import { Global, Module } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { MESSAGES_ENTITIES, MESSAGES_MIGRATIONS, MessagesModule, UserDirectory } from './index.js';

@Global()
@Module({
  providers: [
    { provide: NodeIdentity, useExisting: NodeInfo },
    { provide: UserDirectory, useExisting: Accounts },
  ],
  exports: [NodeIdentity, UserDirectory],
})
class PortsModule {}

describe('the commands of the inbox', () => {
  let dataDir: string;
  let app: NestFastifyApplication;

  async function start(config: PartialConfig = {}): Promise<void> {
    const module = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot(HubbubConfig.from({ ...config, dataDir })),
        MetricsModule,
        HealthModule.forRoot({ version: '0' }),
        BusModule.forRoot({ type: 'memory', version: '0' }),
        StorageModule.forRoot({
          entities: [...AUTH_ENTITIES, ...MESSAGES_ENTITIES],
          migrations: [...AUTH_MIGRATIONS, ...MESSAGES_MIGRATIONS],
        }),
        ClusterModule,
        PortsModule,
        TransportModule,
        AuthModule,
        MessagesModule,
      ],
    }).compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    app.useWebSocketAdapter(new HubbubWsAdapter(app));
    await app.listen(0, '127.0.0.1');
  }

  const connect = (userId: string, permissions = ['read:message', 'send:message']): Promise<RawClient> => {
    const { token } = app.get(TokenService).sign({ userId, username: userId.toUpperCase(), permissions });
    const { port } = app.getHttpServer().address() as AddressInfo;
    return RawClient.connect(`ws://127.0.0.1:${port}/ws`, { token });
  };

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'hubbub-messages-'));
  });
  afterEach(async () => {
    await app.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('hands a direct message over as it was sent, and says to how many', async () => {
    await start();
    const [ann, bob] = await Promise.all([connect('ann'), connect('bob')]);
    const content = '{"b":1.0,"a":18446744073709551617}';
    ann.send(`{"message_type":"direct_message","message_id":1,"data":{"target_id":"bob","content":${content}}}`);
    const raw = new Promise<string>((resolve) => bob.socket.on('message', (data: Buffer) => resolve(data.toString())));
    expect(await raw).toContain(`"content":${content}`);
    const push = await bob.next('direct_message');
    expect(isValid(PUSHES.direct_message, push.data)).toBe(true);
    expect(push.data).toMatchObject({ sender_id: 'ann', sender_name: 'ANN', target_id: 'bob', seq: 1 });
    const reply = await ann.next('direct_message_sent');
    expect(isValid(COMMANDS.direct_message.replyData, reply.data)).toBe(true);
    expect(reply.data).toMatchObject({ target_id: 'bob', seq: 1, delivered: 1 });
  });

  it('lets many sends of one connection be under way, and answers them in order, among the pushes in order', async () => {
    await start();
    const [ann, bob] = await Promise.all([connect('ann'), connect('bob')]);
    const sent = Array.from({ length: 40 }, (_, n) => [
      ann.command('direct_message', { target_id: 'bob', content: n }),
      bob.command('direct_message', { target_id: 'ann', content: n }),
    ]).flat();
    await Promise.all(sent);
    await ann.command('ping');
    for (const client of [ann, bob]) {
      const seqs = client.frames.filter(({ message_type }) => message_type.startsWith('direct_message'));
      expect(seqs.map(({ data }) => data.seq as number)).toEqual(Array.from({ length: 80 }, (_, at) => at + 1));
      const replies = client.frames.filter(({ message_type }) => message_type === 'direct_message_sent');
      expect(replies.map(({ request_id }) => request_id)).toEqual(Array.from({ length: 40 }, (_, at) => at + 1));
    }
  });

  it('says at connecting where the inbox stands, and reads what is missing by since', async () => {
    await start();
    const ann = await connect('ann');
    for (const content of ['one', 'two', 'three']) await ann.command('direct_message', { target_id: 'bob', content });
    const bob = await connect('bob');
    const { data } = await bob.next('connected');
    expect(data).toMatchObject({ inbox_seq: 3 });
    const page = await bob.command('inbox', { since: 1 });
    expect(isValid(COMMANDS.inbox.replyData, page.data)).toBe(true);
    expect(page.data).toMatchObject({ epoch: data.inbox_epoch, seq: 3, has_more: false });
    expect(page.data.messages.map(({ content }: { content: string }) => content)).toEqual(['two', 'three']);
  });

  it('pages the inbox back, with all peers or one', async () => {
    await start();
    const ann = await connect('ann');
    for (let n = 1; n <= 6; n++)
      await ann.command('direct_message', { target_id: n % 2 === 0 ? 'bob' : 'eve', content: n });
    const read = async (data: object) => {
      const answer = await ann.command('inbox', data);
      return [answer.data.messages.map(({ content }: { content: number }) => content), answer.data.has_more];
    };
    expect(await read({ limit: 2 })).toEqual([[5, 6], true]);
    expect(await read({ limit: 2, before: 3 })).toEqual([[1, 2], false]);
    expect(await read({ peer_id: 'bob', limit: 2 })).toEqual([[4, 6], true]);
    expect(await read({ peer_id: 'eve' })).toEqual([[1, 3, 5], false]);
    expect(await read({ since: 2, limit: 3 })).toEqual([[3, 4, 5], true]);
  });

  it('keeps direct messages of a blocked user away, without telling him', async () => {
    await start();
    const [ann, bob] = await Promise.all([connect('ann'), connect('bob')]);
    const blocked = await bob.command('block_user', { user_id: 'ann', blocked: true });
    expect(blocked).toMatchObject({ message_type: 'user_blocked', data: { user_id: 'ann', blocked: true } });
    const reply = await ann.command('direct_message', { target_id: 'bob', content: 'psst' });
    expect(reply).toMatchObject({ message_type: 'direct_message_sent', data: { seq: 1, delivered: 0 } });
    await bob.command('block_user', { user_id: 'ann', blocked: false });
    await ann.command('direct_message', { target_id: 'bob', content: 'hello' });
    expect((await bob.next('direct_message')).data).toMatchObject({ content: 'hello', seq: 1 });
  });

  it('asks for the permission of each command', async () => {
    await start();
    const eve = await connect('eve', ['send:message@support']);
    for (const [type, data] of [
      ['direct_message', { target_id: 'bob', content: 1 }],
      ['inbox', {}],
    ] as const) {
      expect((await eve.command(type, data)).data).toMatchObject({ name: 'Forbidden' });
    }
    expect((await eve.command('block_user', { user_id: 'bob', blocked: true })).message_type).toBe('user_blocked');
  });

  it('refuses what is no direct message', async () => {
    await start();
    const ann = await connect('ann');
    for (const data of [
      {},
      { target_id: 'bob' },
      { target_id: '', content: 1 },
      { target_id: 'a\u0000', content: 1 },
    ]) {
      expect((await ann.command('direct_message', data)).data).toMatchObject({ name: 'InvalidFormat' });
    }
  });

  it('knows only those with an account where accounts are local', async () => {
    await start({ auth: { localOnly: true } });
    await app.get(Accounts).register('robert', 'correct horse');
    const ann = await connect('ann');
    const answers = await Promise.all([
      ann.command('direct_message', { target_id: 'nobody', content: 1 }),
      ann.command('direct_message', { target_id: 'robert', content: 1 }),
    ]);
    expect(answers[0].data).toMatchObject({ code: 4000, name: 'ClientNotFound' });
    expect(answers[1].data).toMatchObject({ seq: 1, delivered: 0 });
  });
});
