import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { CommandSignal, Pipelined } from './decorators.js';
import { Deferred } from './deferred.js';
import { OnConnect, OnDisconnect } from './hooks.js';
import type { RecordingConnection } from './testing/recording-connection.js';
import { RouterHarness } from './testing/router-harness.js';

/** What handlers were started with, and what each test lets them end with. */
class Script {
  readonly started: string[] = [];
  readonly signals = new Map<string, AbortSignal>();
  private readonly promises = new Map<string, { resolve(value: unknown): void; reject(error: unknown): void }>();
  readonly deferreds = new Map<string, Deferred<unknown>>();

  begin(name: string): Promise<unknown> {
    this.started.push(name);
    return new Promise((resolve, reject) => this.promises.set(name, { resolve, reject }));
  }

  defer(name: string): Deferred<unknown> {
    this.started.push(name);
    const deferred = new Deferred<unknown>();
    this.deferreds.set(name, deferred);
    return deferred;
  }

  finish(name: string): void {
    this.promises.get(name)?.resolve({ name });
    this.deferreds.get(name)?.resolve({ name });
  }

  fail(name: string, error: unknown): void {
    this.promises.get(name)?.reject(error);
    this.deferreds.get(name)?.reject(error);
  }
}

let script: Script;

interface Named {
  readonly name: string;
}

@WebSocketGateway()
class Slow {
  @SubscribeMessage('slow')
  slow(@MessageBody() { name }: Named): Promise<unknown> {
    return script.begin(name);
  }

  @SubscribeMessage('abortable')
  abortable(@MessageBody() { name }: Named, @CommandSignal() signal: AbortSignal): Promise<unknown> {
    script.signals.set(name, signal);
    return script.begin(name);
  }

  @SubscribeMessage('quick')
  quick(@MessageBody() { name }: Named): unknown {
    script.started.push(name);
    return { name };
  }

  @SubscribeMessage('deferred')
  deferred(@MessageBody() { name }: Named): Deferred<unknown> {
    return script.defer(name);
  }

  @Pipelined()
  @SubscribeMessage('send')
  send(@MessageBody() { name }: Named): Deferred<unknown> {
    return script.defer(name);
  }

  @Pipelined()
  @SubscribeMessage('send_later')
  async sendLater(@MessageBody() { name }: Named): Promise<Deferred<unknown>> {
    await script.begin(name);
    return script.defer(name);
  }

  @Pipelined()
  @SubscribeMessage('quick_send')
  quickSend(@MessageBody() { name }: Named): unknown {
    script.started.push(name);
    return { name };
  }
}

class Doorman {
  static opened: Promise<void> | undefined;
  static refuse: ((connection: RecordingConnection) => void) | null = null;
  static readonly seen: string[] = [];
  @OnConnect()
  connect(connection: RecordingConnection): Promise<void> | undefined {
    Doorman.refuse?.(connection);
    Doorman.seen.push('connect');
    return Doorman.opened;
  }
  @OnDisconnect()
  disconnect(): void {
    Doorman.seen.push('disconnect');
  }
}

describe('the commands of one connection', () => {
  let harness: RouterHarness;
  let connection: RecordingConnection;
  const tick = () => new Promise(setImmediate);
  const send = (type: string, name: string) => harness.send(connection, type, { name }, name);
  const answered = () => connection.frames.map(({ id }) => id);

  beforeEach(async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
    harness = await RouterHarness.start({
      providers: [Slow, Doorman],
      config: { limits: { commandTimeoutMs: 1000, commandsPerS: 100_000, commandsBurst: 100_000 } },
    });
    script = new Script();
    Doorman.opened = undefined;
    Doorman.refuse = null;
    Doorman.seen.length = 0;
    connection = harness.connect();
  });
  afterEach(async () => {
    jest.useRealTimers();
    await harness.close();
  });

  it('run one at a time, in the order received', async () => {
    for (const name of ['a', 'b']) send('slow', name);
    send('quick', 'c');
    expect(script.started).toEqual(['a']);
    expect(harness.router.queued(connection)).toBe(2);
    script.finish('a');
    await tick();
    expect(script.started).toEqual(['a', 'b']);
    script.fail('b', new Error('broken'));
    await tick();
    expect(script.started).toEqual(['a', 'b', 'c']);
    expect(connection.frames.map(({ id, type }) => [id, type])).toEqual([
      ['a', 'slow_reply'],
      ['b', 'error'],
      ['c', 'quick_reply'],
    ]);
  });

  it('never wait for those of another connection', () => {
    send('slow', 'a');
    const other = harness.connect();
    harness.send(other, 'quick', { name: 'b' }, 'b');
    expect(other.frames).toHaveLength(1);
  });

  it('keep their order also where they are refused', async () => {
    send('slow', 'a');
    send('absent', 'b');
    harness.router.handle(connection, 'not json');
    expect(connection.frames).toEqual([]);
    script.finish('a');
    await tick();
    expect(connection.frames.map(({ type }) => type)).toEqual(['slow_reply', 'error', 'error']);
  });

  describe('that are pipelined', () => {
    it('start while earlier Deferred answers are outstanding', () => {
      for (const name of ['a', 'b', 'c']) send('send', name);
      expect(script.started).toEqual(['a', 'b', 'c']);
      expect(harness.router.queued(connection)).toBe(0);
    });

    it('are answered in the order received, and synchronously by whoever settles them', () => {
      for (const name of ['a', 'b', 'c']) send('send', name);
      script.finish('c');
      script.fail('b', new Error('broken'));
      expect(answered()).toEqual([]);
      script.finish('a');
      expect(answered()).toEqual(['a', 'b', 'c']);
    });

    it('keep the order of answers that are ready at once', () => {
      send('send', 'a');
      send('quick_send', 'b');
      send('absent', 'c');
      expect(script.started).toEqual(['a', 'b']);
      expect(answered()).toEqual([]);
      script.finish('a');
      expect(answered()).toEqual(['a', 'b', 'c']);
    });

    it('do not pass a handler that is still at work', async () => {
      send('send_later', 'a');
      send('send', 'b');
      expect(script.started).toEqual(['a']);
      script.finish('a');
      await tick();
      expect(script.started).toEqual(['a', 'a', 'b']);
    });

    it('tell who settles them that their reply has to wait, and when it has left', () => {
      for (const name of ['a', 'b', 'c']) send('send', name);
      const [a, b, c] = ['a', 'b', 'c'].map((name) => script.deferreds.get(name) as Deferred<unknown>);
      const departed: string[] = [];
      for (const [name, deferred] of Object.entries({ a, b, c })) {
        deferred?.onDeparted(() => departed.push(`${name} behind ${connection.frames.length}`));
      }
      script.finish('b');
      script.finish('c');
      expect([a?.isDelayed, b?.isDelayed, c?.isDelayed]).toEqual([false, true, true]);
      script.finish('a');
      expect([a?.isDelayed, b?.isDelayed, c?.isDelayed]).toEqual([false, false, false]);
      expect(departed).toEqual(['b behind 2', 'c behind 3']);
    });

    it('make every other command wait until they have settled', async () => {
      send('send', 'a');
      send('send', 'b');
      send('quick', 'c');
      send('send', 'd');
      script.finish('a');
      await tick();
      expect(script.started).toEqual(['a', 'b']);
      script.finish('b');
      // Not within the settlement: whoever settles is in the middle of something.
      expect(script.started).toEqual(['a', 'b']);
      await tick();
      expect(script.started).toEqual(['a', 'b', 'c', 'd']);
      expect(answered()).toEqual(['a', 'b', 'c']);
    });

    it('wait for the Deferred of a command that is not pipelined', async () => {
      send('deferred', 'a');
      send('send', 'b');
      expect(script.started).toEqual(['a']);
      script.finish('a');
      await tick();
      expect(script.started).toEqual(['a', 'b']);
      expect(answered()).toEqual(['a']);
    });
  });

  describe('that take too long', () => {
    const timeout = (id: string) => ({
      type: 'error',
      id,
      data: expect.objectContaining({ code: 1004, retryable: true }) as unknown,
    });

    it('are answered Timeout, once, and the next starts when the handler has settled', async () => {
      send('slow', 'a');
      send('quick', 'b');
      jest.advanceTimersByTime(999);
      expect(connection.frames).toEqual([]);
      jest.advanceTimersByTime(2);
      expect(connection.frames).toEqual([timeout('a')]);
      expect(script.started).toEqual(['a']);
      script.finish('a');
      await tick();
      expect(script.started).toEqual(['a', 'b']);
      expect(answered()).toEqual(['a', 'b']);
      expect(harness.logger.of('warn')).toEqual([expect.objectContaining({ type: 'slow' })]);
    });

    it('are aborted where they took a signal, and the next starts at once', () => {
      send('abortable', 'a');
      send('quick', 'b');
      expect(script.signals.get('a')?.aborted).toBe(false);
      jest.advanceTimersByTime(1001);
      expect(script.signals.get('a')?.aborted).toBe(true);
      expect(connection.frames).toEqual([timeout('a'), expect.objectContaining({ id: 'b' })]);
    });

    it('do not get a second answer from an aborted handler, nor fill the log', async () => {
      send('abortable', 'a');
      jest.advanceTimersByTime(1001);
      script.fail('a', new Error('aborted'));
      await tick();
      expect(answered()).toEqual(['a']);
      expect(harness.logger.of('error')).toEqual([]);
    });

    it('hold up neither the answers behind them nor their order', () => {
      send('send', 'a');
      jest.advanceTimersByTime(500);
      send('send', 'b');
      script.finish('b');
      jest.advanceTimersByTime(501);
      expect(connection.frames).toEqual([timeout('a'), expect.objectContaining({ id: 'b' })]);
      script.finish('a');
      expect(answered()).toEqual(['a', 'b']);
    });

    it('tell whoever will settle them that nobody waits for it any more', () => {
      send('send', 'a');
      send('send', 'b');
      jest.advanceTimersByTime(500);
      script.finish('b');
      jest.advanceTimersByTime(501);
      const abandoned = ['a', 'b'].map((name) => script.deferreds.get(name)?.isAbandoned);
      expect(abandoned).toEqual([true, false]);
    });

    it('are timed from their start, not from their arrival', async () => {
      send('slow', 'a');
      send('slow', 'b');
      jest.advanceTimersByTime(900);
      script.finish('a');
      await tick();
      jest.advanceTimersByTime(900);
      expect(answered()).toEqual(['a']);
      jest.advanceTimersByTime(101);
      expect(connection.frames.at(-1)).toEqual(timeout('b'));
    });
  });

  it('wait for the connect hooks', async () => {
    let open = (): void => undefined;
    Doorman.opened = new Promise((resolve) => (open = resolve));
    connection = harness.connect();
    send('quick', 'a');
    expect(script.started).toEqual([]);
    open();
    await tick();
    expect(answered()).toEqual(['a']);
  });

  it('are served also when a connect hook fails', async () => {
    Doorman.opened = Promise.reject(new Error('a bug'));
    connection = harness.connect();
    send('quick', 'a');
    await tick();
    expect(answered()).toEqual(['a']);
    expect(harness.logger.of('error')).toHaveLength(1);
  });

  describe('when it ends', () => {
    it('are forgotten where they have not started, and aborted where they took a signal', async () => {
      send('abortable', 'a');
      send('quick', 'b');
      harness.end(connection);
      expect(script.signals.get('a')?.aborted).toBe(true);
      script.finish('a');
      await tick();
      expect(script.started).toEqual(['a']);
      expect(connection.frames).toEqual([]);
    });

    it('let a Deferred settle in peace', () => {
      send('send', 'a');
      harness.end(connection);
      expect(() => script.finish('a')).not.toThrow();
      expect(connection.frames).toEqual([]);
    });

    it('the disconnect hooks see it after the connect hooks have ended', async () => {
      let open = (): void => undefined;
      Doorman.opened = new Promise((resolve) => (open = resolve));
      Doorman.seen.length = 0;
      connection = harness.connect();
      harness.end(connection);
      await tick();
      expect(Doorman.seen).toEqual(['connect']);
      open();
      await tick();
      expect(Doorman.seen).toEqual(['connect', 'disconnect']);
    });

    it('is seen in this order also when a connect hook ends it', () => {
      Doorman.seen.length = 0;
      Doorman.refuse = (refused) => harness.end(refused);
      connection = harness.connect();
      send('quick', 'a');
      expect(Doorman.seen).toEqual(['connect', 'disconnect']);
      expect(script.started).toEqual([]);
    });
  });
});
