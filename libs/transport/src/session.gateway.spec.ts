import { HubbubError } from '@hubbub/protocol';
import { UseInterceptors } from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { map, type Observable, of, Subject, throwError } from 'rxjs';
import { CommandSignal } from './decorators.js';
import { Deferred } from './deferred.js';
import type { RecordingConnection } from './testing/recording-connection.js';
import { RouterHarness } from './testing/router-harness.js';

let signal: AbortSignal;
let released = 0;
let subject: Subject<number>;
let pending: Deferred<unknown>;

class Doubled {
  intercept(_: unknown, next: { handle(): Observable<number> }): Observable<number> {
    return next.handle().pipe(map((value) => value * 2));
  }
}

@WebSocketGateway()
class Ticker {
  @SubscribeMessage('count')
  async *count(@MessageBody() { to }: { to: number }): AsyncGenerator<number> {
    for (let i = 1; i <= to; i++) yield await Promise.resolve(i);
  }

  @SubscribeMessage('forever')
  async *forever(@CommandSignal() taken: AbortSignal): AsyncGenerator<number> {
    signal = taken;
    try {
      yield 1;
      await new Promise((resolve) => taken.addEventListener('abort', resolve));
    } finally {
      released++;
    }
  }

  @SubscribeMessage('observe')
  observe(): Observable<number> {
    return subject;
  }

  @UseInterceptors(Doubled)
  @SubscribeMessage('doubled')
  doubled(): Observable<number> {
    return of(1, 2, 3);
  }

  @SubscribeMessage('broken')
  broken(): Observable<number> {
    return throwError(() => new Error('secret'));
  }

  @SubscribeMessage('refused')
  refused(): Observable<number> {
    return throwError(() => new HubbubError('Forbidden'));
  }

  @SubscribeMessage('deferred_stream')
  deferredStream(): Deferred<unknown> {
    pending = new Deferred();
    return pending;
  }
}

it('a stream is not subject to the time-out of commands', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
  const own = await RouterHarness.start({ providers: [Ticker], config: { limits: { commandTimeoutMs: 1000 } } });
  subject = new Subject();
  const client = own.connect();
  own.send(client, 'observe', {}, 1);
  own.send(client, 'deferred_stream', {}, 2);
  jest.advanceTimersByTime(1001);
  jest.useRealTimers();
  expect(await client.next()).toMatchObject({ id: 2, data: { code: 1004 } });
  subject.next(1);
  expect(await client.next()).toEqual({ type: 'observe_item', data: 1, id: 1 });
  await own.close();
});

describe('SessionGateway', () => {
  let harness: RouterHarness;
  let connection: RecordingConnection;
  beforeAll(async () => {
    harness = await RouterHarness.start({
      providers: [Ticker],
      config: { limits: { commandsBurst: 10_000, commandTimeoutMs: 1000 } },
    });
  });
  beforeEach(() => {
    released = 0;
    subject = new Subject();
    connection = harness.connect();
    harness.logger.lines.length = 0;
  });
  afterAll(() => harness.close());
  const send = (type: string, data: unknown, id?: number | string) => harness.send(connection, type, data, id);
  const frame = (type: string, data: unknown, id: number | string) => ({ type, data, id });

  it('answers ping with the time, and with ts if one was given', () => {
    send('ping', { ts: 7 }, 1);
    send('ping', {}, 2);
    expect(connection.frames).toEqual([
      frame('pong', { ts: 7, server_ts: expect.any(Number) as number }, 1),
      frame('pong', { server_ts: expect.any(Number) as number }, 2),
    ]);
    send('ping', { ts: 'x' }, 3);
    expect(connection.frames.at(-1)).toMatchObject({ type: 'error', data: { code: 1001 } });
  });

  it('closes on request without any other answer', () => {
    connection = harness.connect(null);
    send('close', {}, 1);
    expect(connection.closed).toBe('Normal');
    expect(connection.frames).toEqual([]);
    expect(harness.counts()['close 0']).toBe(1);
  });

  describe('streams', () => {
    it('send their items and one answer, all with the id of the command', async () => {
      send('count', { to: 3 }, 'q');
      expect(await connection.take(4)).toEqual([
        ...[1, 2, 3].map((item) => frame('count_item', item, 'q')),
        frame('done', {}, 'q'),
      ]);
    });

    it('free the queue for the next command as soon as they have started', async () => {
      send('forever', {}, 'f');
      send('ping', {}, 'p');
      expect((await connection.take(2)).map(({ type }) => type).toSorted()).toEqual(['forever_item', 'pong']);
    });

    it('may be Observables, also under an interceptor, and in a Deferred', async () => {
      send('observe', {}, 1);
      subject.next(5);
      expect(await connection.next()).toEqual(frame('observe_item', 5, 1));
      subject.complete();
      expect(await connection.next()).toEqual(frame('done', {}, 1));
      send('doubled', {}, 2);
      expect((await connection.take(4)).map(({ data }) => data)).toEqual([2, 4, 6, {}]);
      send('deferred_stream', {}, 3);
      pending.resolve(of('a'));
      expect(await connection.take(2)).toEqual([frame('deferred_stream_item', 'a', 3), frame('done', {}, 3)]);
    });

    it('end with the error of their source: told by its meaning, or logged and not told', async () => {
      send('refused', {}, 1);
      expect(await connection.next()).toMatchObject({ type: 'error', id: 1, data: { code: 2001 } });
      expect(harness.logger.lines).toEqual([]);
      send('broken', {}, 2);
      expect(await connection.next()).toMatchObject({ type: 'error', id: 2, data: { code: 1000 } });
      expect(JSON.stringify(connection.frames)).not.toContain('secret');
      expect(harness.logger.of('error')).toHaveLength(1);
    });

    it('end by cancel: done with cancelled, and their signal is aborted', async () => {
      send('forever', {}, 'f');
      await connection.next();
      send('cancel', { request_id: 'f' }, 'c');
      expect(await connection.take(2)).toEqual([
        frame('done', { cancelled: true }, 'f'),
        frame('cancelled', { request_id: 'f' }, 'c'),
      ]);
      expect(signal.aborted).toBe(true);
      await new Promise(setImmediate);
      expect(released).toBe(1);
      expect(connection.frames).toHaveLength(3);
    });

    it('that do not run are cancelled as well', async () => {
      send('cancel', { request_id: 99 }, 1);
      expect(await connection.next()).toEqual(frame('cancelled', { request_id: 99 }, 1));
    });

    it('with the id of a running one are refused, which ends nothing', async () => {
      send('observe', {}, 7);
      send('count', { to: 3 }, 7);
      expect(await connection.next()).toMatchObject({ type: 'error', id: 7, data: { code: 1002 } });
      send('count', { to: 1 }, '7');
      expect(await connection.take(2)).toEqual([frame('count_item', 1, '7'), frame('done', {}, '7')]);
      expect(subject.observed).toBe(true);
      send('ping', {}, 7);
      expect((await connection.next()).type).toBe('pong');
    });

    it('end with the connection', async () => {
      send('forever', {}, 'f');
      send('observe', {}, 'o');
      await connection.next();
      harness.end(connection);
      await new Promise(setImmediate);
      expect(released).toBe(1);
      expect(subject.observed).toBe(false);
      expect(connection.frames).toHaveLength(1);
    });

    it('are let go of when the connection ended before they began', async () => {
      send('deferred_stream', {}, 1);
      harness.end(connection);
      pending.resolve(subject);
      await new Promise(setImmediate);
      expect(subject.observed).toBe(false);
    });

    it('are counted with their end', async () => {
      const before = harness.counts()['count 0'] ?? 0;
      send('count', { to: 2 }, 1);
      await connection.take(3);
      expect(harness.counts()['count 0']).toBe(before + 1);
    });
  });
});
