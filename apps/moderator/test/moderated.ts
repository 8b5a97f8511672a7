import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrokerProcess } from '@hubbub/bus/testing';
import { signJwt, TestClient } from '@hubbub/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Program } from './program.js';

const SECRET = '0815 hubbub moderator tests sign with these 4711';
const ORDINARY = ['read:message', 'send:message', 'create:room', 'delete:room', 'join:room', 'leave:room'];
export const MODERATOR = 'service:moderator';

/** A decision as others hear it. */
export interface Told {
  readonly id: string;
  readonly room_id: string;
  readonly epoch: string;
  readonly seq: number;
  readonly user_id: string;
  readonly rule: string;
  readonly action: string;
  readonly offence: number;
}

/** A message as it stands in the log. */
export interface Logged {
  readonly seq: number;
  readonly sender_id: string;
  readonly content: unknown;
  readonly redacted?: true;
}

interface Health {
  readonly status: string;
  readonly details: { readonly ledger: { readonly due: number } } & Record<string, { readonly status: string }>;
}

/** A broker, a gateway and a moderator, each a process of its own; and who talks, and who listens to decisions. */
export class Moderated {
  readonly folder = mkdtempSync(join(tmpdir(), 'hubbub-moderated-'));
  /** Each as often as it was told, while one listened. */
  readonly told: Told[] = [];
  moderator!: Program;
  gateway!: Program;
  private ws = '';
  private readonly watchers = new Set<() => void>();
  private readonly clients: TestClient[] = [];

  private constructor(
    readonly broker: BrokerProcess,
    readonly nats: NatsConnection,
    private readonly rules: Readonly<Record<string, string>>,
  ) {
    nats.subscribe('moderator.evt.room.*.decision', {
      callback: (_error, message) => {
        this.told.push(message.json<{ data: Told }>().data);
        for (const watcher of this.watchers) watcher();
      },
    });
  }

  /** @param rules variables of the moderator */
  static async open(rules: Readonly<Record<string, string>>): Promise<Moderated> {
    const broker = await BrokerProcess.start('nats');
    const moderated = new Moderated(broker, await connect({ servers: broker.url }), rules);
    await moderated.nats.flush();
    return moderated;
  }

  async startGateway(): Promise<void> {
    this.gateway = Program.start('apps/gateway/src/main', {
      HUBBUB_DATA_DIR: this.folder,
      HUBBUB_AUTH_SECRET: SECRET,
      HUBBUB_SERVER_HOST: '127.0.0.1',
      HUBBUB_SERVER_PORT: '0',
      HUBBUB_BUS_TYPE: 'nats',
      HUBBUB_BUS_URL: this.broker.url,
      HUBBUB_BUS_JETSTREAM: 'true',
      HUBBUB_LIMITS_COMMANDS_PER_S: '1000000',
      HUBBUB_LIMITS_COMMANDS_BURST: '1000000',
      HUBBUB_SERVICES_COMMANDS_PER_S: '1000000',
      HUBBUB_LOG_LEVEL: 'error',
    });
    [, this.ws = ''] = await this.gateway.line(/(ws:\/\/[^\s"]+)/);
  }

  /** Resolves once it runs; when it reads is another matter. */
  async startModerator(more: Readonly<Record<string, string>> = {}): Promise<void> {
    this.moderator = Program.start('apps/moderator/src/main', {
      HUBBUB_BUS_URL: this.broker.url,
      MODERATOR_TOKEN: this.token(MODERATOR, ['admin:system']),
      MODERATOR_DATA_DIR: join(this.folder, 'moderator'),
      MODERATOR_HOST: '127.0.0.1',
      MODERATOR_PORT: '0',
      ...this.rules,
      ...more,
    });
    await this.moderator.line(/"msg":"listening"/);
  }

  async connect(user: string, permissions: readonly string[] = ORDINARY): Promise<TestClient> {
    const client = await TestClient.open(this.ws, { token: this.token(user, permissions) });
    this.clients.push(client);
    return client;
  }

  /** Somebody in a room, which is made if there is none. */
  async member(user: string, room: string): Promise<TestClient> {
    const member = await this.connect(user);
    await member.request('create_room', { room_id: room, max_clients: 0 });
    await member.command('join_room', { room_id: room, history: 0 });
    return member;
  }

  /** Resolves once `condition` holds; looked at with every decision. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.watchers.add(resolve));
  }

  async health(): Promise<Health> {
    const [, url = ''] = await this.moderator.line(/"health":"([^"]+)"/);
    return (await (await fetch(url)).json()) as Health;
  }

  /** Resolves once the moderator has heard all that was said, and nothing is due. */
  async settled(): Promise<void> {
    const { consumers } = await jetstreamManager(this.nats);
    for (;;) {
      const reader = await consumers.info('HUBBUB_EVENTS', 'moderator').catch(() => null);
      // In this order: what is heard is due before it is acknowledged.
      const { due } = (await this.health()).details.ledger;
      if (reader !== null && reader.num_pending + reader.num_ack_pending + due === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Every message of a room, oldest first. */
  async history(room: string): Promise<Logged[]> {
    const reader = await this.connect('reader', ['admin:system']);
    const logged: Logged[] = [];
    for (let more = true; more; ) {
      const after = logged.at(-1)?.seq ?? 0;
      const page = await reader.command('room_history', { room_id: room, after, limit: 200 });
      logged.push(...(page.messages as Logged[]));
      more = page.has_more;
    }
    await reader.close();
    return logged;
  }

  /** Every decision that others find, each as often as it is there. */
  async decisions(): Promise<Told[]> {
    const { streams } = await jetstreamManager(this.nats);
    const { first_seq: first, last_seq: last } = (await streams.info('MODERATOR_DECISIONS')).state;
    const places = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    const found = await Promise.all(places.map((seq) => streams.getMessage('MODERATOR_DECISIONS', { seq })));
    return found.filter((message) => message !== null).map((message) => message.json<{ data: Told }>().data);
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.socket.terminate();
    await this.moderator?.terminate();
    await this.gateway?.terminate();
    await this.nats.close();
    await this.broker.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private token(user: string, permissions: readonly string[]): string {
    const now = Math.floor(Date.now() / 1000);
    return signJwt({ user_id: user, username: user, permissions, iss: 'hubbub', iat: now, exp: now + 3600 }, SECRET);
  }
}

/** The notices in a room: numbers of the messages that they are about, with the action. */
export function noticesOf(messages: readonly Logged[]): Map<number, string[]> {
  const notices = new Map<number, string[]>();
  for (const { sender_id, content } of messages) {
    if (sender_id !== MODERATOR) continue;
    const { seq, action } = content as { seq: number; action: string };
    notices.set(seq, [...(notices.get(seq) ?? []), action]);
  }
  return notices;
}
