import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Pipelined } from './decorators.js';
import { Standing } from './standing.js';
import type { RecordingConnection } from './testing/recording-connection.js';
import { RouterHarness } from './testing/router-harness.js';

@WebSocketGateway()
class Work {
  readonly started: string[] = [];
  release: () => void = () => {};

  @SubscribeMessage('quick')
  @Pipelined()
  quick(): void {
    this.started.push('quick');
  }

  @SubscribeMessage('slow')
  slow(): Promise<void> {
    this.started.push('slow');
    return new Promise((resolve) => (this.release = resolve));
  }
}

/** A node that may have been taken for dead until `certain` is called. */
class Doubtful extends Standing {
  servesUntil = Number.NEGATIVE_INFINITY;
  asked = 0;
  private waiting: (() => void)[] = [];

  confirm(): Promise<void> {
    this.asked++;
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  async certain(): Promise<void> {
    this.servesUntil = Number.POSITIVE_INFINITY;
    for (const resolve of this.waiting.splice(0)) resolve();
    await new Promise(setImmediate);
  }
}

describe('a node that was stopped for a while', () => {
  let harness: RouterHarness;
  let work: Work;
  let standing: Doubtful;
  let connection: RecordingConnection;

  beforeEach(async () => {
    standing = new Doubtful();
    harness = await RouterHarness.start({ providers: [Work, { provide: Standing, useValue: standing }] });
    work = harness.module.get(Work);
    connection = harness.connect();
  });
  afterEach(() => harness.close());

  it('starts no command before it knows where it stands, and then all of them in their order', async () => {
    for (const type of ['quick', 'slow', 'quick']) harness.send(connection, type);
    expect([work.started, standing.asked]).toEqual([[], 1]);
    await standing.certain();
    expect(work.started).toEqual(['quick', 'slow']);
    work.release();
    await new Promise(setImmediate);
    expect(work.started).toEqual(['quick', 'slow', 'quick']);
  });

  it('does not go on with what was waiting either', async () => {
    standing.servesUntil = Number.POSITIVE_INFINITY;
    harness.send(connection, 'slow');
    harness.send(connection, 'quick');
    standing.servesUntil = performance.now();
    work.release();
    await new Promise(setImmediate);
    expect(work.started).toEqual(['slow']);
    await standing.certain();
    expect(work.started).toEqual(['slow', 'quick']);
  });

  it('forgets the commands of a connection that it closes meanwhile', async () => {
    harness.send(connection, 'quick');
    harness.end(connection);
    await standing.certain();
    expect(work.started).toEqual([]);
  });
});
