import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { startGateway, type TestGateway } from '@hubbub/testing';
import { readArguments } from './arguments.js';
import { runChat } from './run-chat.js';

let gateway: TestGateway;
let folder: string;
let people: Person[];

beforeAll(async () => {
  gateway = await startGateway({ presence: { coalesceMs: 10 } });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hubbub-chat-'));
  people = [];
});
afterEach(async () => {
  for (const person of people) person.leave();
  await Promise.all(people.map((person) => person.code));
  await rm(folder, { recursive: true, force: true });
});

/** A chat over pipes, as its user sees it. */
class Person {
  readonly code: Promise<number>;
  private readonly input = new PassThrough();
  private readonly leaving = new AbortController();
  private readonly watchers = new Set<() => void>();
  text = '';

  constructor(name: string, args: string[] = [], url = gateway.http) {
    const output = new PassThrough();
    output.on('data', (chunk: Buffer) => {
      this.text += chunk.toString();
      for (const watcher of this.watchers) watcher();
    });
    const options = readArguments(['--user', name, '--url', url, ...args], {});
    const { input, leaving } = this;
    this.code = runChat(options, { input, output, isTerminal: false, folder, signal: leaving.signal });
    people.push(this);
  }

  type(...lines: string[]): void {
    for (const line of lines) this.input.write(`${line}\n`);
  }

  endInput(): void {
    this.input.end();
  }

  leave(): void {
    this.leaving.abort();
  }

  /** Resolves once a line that matches was shown. */
  sees(pattern: RegExp): Promise<void> {
    if (pattern.test(this.text)) return Promise.resolve();
    return new Promise((resolve) => {
      const watcher = () => {
        if (!pattern.test(this.text)) return;
        this.watchers.delete(watcher);
        resolve();
      };
      this.watchers.add(watcher);
    });
  }
}

/** An address that stays while the gateway behind it changes. */
class Relay {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    public target: number | null,
  ) {
    server.on('connection', (socket) => this.join(socket));
  }

  static async start(target: number): Promise<Relay> {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return new Relay(server, target);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Breaks all connections, and takes none until there is another target. */
  cut(): void {
    this.target = null;
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => {
      this.server.close(resolve);
    });
  }

  private join(near: Socket): void {
    if (this.target === null) {
      near.destroy();
      return;
    }
    const far = connect(this.target, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}

/** Names that no other test has used. */
let count = 0;
const fresh = (name: string) => `${name}${++count}`;

describe('the chat', () => {
  it('registers, makes the room, and lets two people talk and see each other', async () => {
    const [al, bo, room] = [fresh('al'), fresh('bo'), fresh('room')];
    const alice = new Person(al, ['--room', room]);
    await alice.sees(new RegExp(`\\* registered ${al}`));
    await alice.sees(new RegExp(`\\* ${room}: 1 here`));
    const bob = new Person(bo, ['--room', room]);
    await alice.sees(new RegExp(`\\* ${bo} joined`));
    bob.type('hello', '  world ');
    await alice.sees(new RegExp(`${bo}: hello\n.*${bo}: {3}world \n`));
    await bob.sees(new RegExp(`${bo}: hello\n.*${bo}: {3}world \n`));
    bob.type('/who');
    await bob.sees(new RegExp(`\\* here: ${al}, ${bo}\n`));
    bob.type('/quit');
    expect(await bob.code).toBe(0);
    await alice.sees(new RegExp(`\\* ${bo} left`));
  });

  it('shows the history to one who comes later, and again when asked', async () => {
    const room = fresh('room');
    const alice = new Person(fresh('al'), ['--room', room]);
    alice.type('one', 'two', 'three');
    alice.endInput();
    expect(await alice.code).toBe(0);
    const bob = new Person(fresh('bo'), ['--room', room]);
    await bob.sees(/: one\n.*: two\n.*: three\n/);
    bob.type('/history 2');
    await bob.sees(/\* the last 2:\n.*: two\n.*: three\n\* until here/);
  });

  it('brings direct messages, also those that came while away, and each run only what is new', async () => {
    const [al, bo] = [fresh('al'), fresh('bo')];
    const alice = new Person(al);
    await alice.sees(/lobby: /);
    const first = new Person(bo);
    await first.sees(/lobby: /);
    alice.type(`/dm ${bo} psst`);
    await first.sees(new RegExp(`${al} → you: psst`));
    await alice.sees(new RegExp(`you → ${bo}: psst`));
    first.type('/quit');
    await first.code;

    alice.type(`/dm ${bo.toUpperCase()} for later`);
    await alice.sees(/is away; it is kept/);
    const second = new Person(bo);
    await second.sees(/→ you: for later/);
    expect(second.text).not.toContain('psst');
  });

  it('goes to another room and out of the one before', async () => {
    const [one, two] = [fresh('room'), fresh('room')];
    const alice = new Person(fresh('al'), ['--room', one]);
    await alice.sees(/: 1 here/);
    const bob = new Person(fresh('bo'), ['--room', one]);
    await alice.sees(/bo\d+ joined/);
    alice.type(`/join ${two}`, 'alone');
    await bob.sees(/al\d+ left/);
    await alice.sees(/: alone/);
    expect(bob.text).not.toContain('alone');
  });

  it('comes back by itself after the gateway was gone, and has everything', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'hubbub-chat-gateway-'));
    const before = await startGateway({ dataDir });
    const relay = await Relay.start(before.port);
    const alice = new Person(fresh('al'), ['--room', fresh('room')], relay.url);
    alice.type('before');
    await alice.sees(/: before/);
    relay.cut();
    await alice.sees(/! not connected/);
    await before.close();
    alice.type('meanwhile');
    await alice.sees(/\* kept until the connection is back/);
    const after = await startGateway({ dataDir });
    try {
      relay.target = after.port;
      await alice.sees(/! connected again/);
      await alice.sees(/: meanwhile/);
      expect(alice.text.match(/: before/g)).toHaveLength(1);
    } finally {
      alice.leave();
      await alice.code;
      await relay.close();
      await after.close();
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it('sends what was written without a connection when it is started again', async () => {
    const relay = await Relay.start(gateway.port);
    const [name, room] = [fresh('al'), fresh('room')];
    const before = new Person(name, ['--room', room], relay.url);
    try {
      await before.sees(/: 1 here/);
      relay.cut();
      await before.sees(/! not connected/);
      before.type('written on the train', 'and on the platform');
      await before.sees(/kept until .*: and on the platform/);
      before.leave();
      await before.code;
      relay.target = gateway.port;
      const after = new Person(name, ['--room', room], relay.url);
      // By himself, as everybody sees it.
      await after.sees(new RegExp(`${name}: and on the platform\n`));
      expect(after.text).toMatch(/\* not sent the last time, in room\d+: written on the train\n/);
      after.leave();
      await after.code;
      const reader = await gateway.connect(name);
      const { messages } = (await reader.command('room_history', { room_id: room })) as {
        messages: { content: unknown }[];
      };
      expect(messages).toMatchObject([{ content: 'written on the train' }, { content: 'and on the platform' }]);
    } finally {
      await relay.close();
    }
  });

  it('keeps the password that it made where only its user can read it', async () => {
    const al = fresh('al');
    const alice = new Person(al);
    alice.endInput();
    expect(await alice.code).toBe(0);
    const [file] = await readdir(folder);
    const path = join(folder, file as string);
    expect((await stat(path)).mode & 0o077).toBe(0);
    expect(JSON.parse(await readFile(path, 'utf8'))).toHaveProperty('password');
    const again = new Person(al);
    again.endInput();
    expect(await again.code).toBe(0);
    expect(again.text).not.toContain('registered');
  });

  it('says so and ends when the name is somebody else’s', async () => {
    const al = fresh('al');
    const alice = new Person(al, ['--password', 'a long password']);
    alice.endInput();
    expect(await alice.code).toBe(0);
    const mallory = new Person(al, ['--password', 'another password']);
    expect(await mallory.code).toBe(1);
    expect(mallory.text).toContain(`${al} is taken`);
  });

  it('says what is wrong with a room that cannot be, and ends', async () => {
    const alice = new Person(fresh('al'), ['--room', 'a b']);
    expect(await alice.code).toBe(1);
    expect(alice.text).toMatch(/^! /m);
  });

  it('answers a mistyped command itself', async () => {
    const alice = new Person(fresh('al'));
    alice.type('/frobnicate', '/help');
    await alice.sees(/! there is no \/frobnicate/);
    await alice.sees(/\/dm USER TEXT/);
    expect(alice.text).not.toContain(': /frobnicate');
  });

  it('takes the power from what others say', async () => {
    const room = fresh('room');
    const alice = new Person(fresh('al'), ['--room', room]);
    await alice.sees(/: 1 here/);
    const mallory = await gateway.connect('mallory');
    await mallory.command('join_room', { room_id: room });
    await mallory.command('set_presence', { state: { mood: '\u001b]0;owned\u0007' } });
    await mallory.command('room_message', { room_id: room, content: '\u001b[31mred\r\nforged: line' });
    await mallory.command('room_message', { room_id: room, content: 'the end' });
    alice.type('/who', '/history');
    await alice.sees(/until here/);
    // oxlint-disable-next-line no-control-regex
    expect(alice.text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f]/);
    expect(alice.text).not.toMatch(/^forged/m);
  });
});
