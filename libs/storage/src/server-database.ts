import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HubbubError, isHubbubError } from '@hubbub/protocol';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { Database, type DatabaseMonitor, type DatabaseSchema } from './database.js';
import { startPatience } from './patience.js';
import { retryWhileBusy } from './retry-while-busy.js';
import { ConnectionLost, isRepeatable, serverUnavailable } from './server-error.js';
import type { Sockets } from './sockets.js';

export interface ServerOptions extends DatabaseSchema {
  /** `postgres://user:password@host:port/database`, or `mysql://…`; what follows `?` are options of the driver. */
  readonly url: string;
  /**
   * Most connections of this node.
   * @default 10
   */
  readonly poolSize?: number | undefined;
  /**
   * How long a caller waits at most, in milliseconds, before he gets ServerError: for a connection, for locks of others
   * and for the server together.
   * @default 5000
   */
  readonly patienceMs?: number;
  /**
   * How long `open` waits for a server that is not there yet, in milliseconds.
   * @default 30000
   */
  readonly startPatienceMs?: number;
  readonly monitor?: DatabaseMonitor | undefined;
}

export const DEFAULT_POOL_SIZE = 10;
/** Shorter than the time-out of a command, so that its caller is told what it was. */
export const DEFAULT_PATIENCE_MS = 5000;
/**
 * What a statement may take of the patience: the server gives up before the caller does, so that it is known that nothing
 * was stored.
 */
export const statementMs = (patienceMs: number): number => Math.ceil(patienceMs * 0.8);
/** A node that stops in the middle of a transaction holds up others for so long; then the server ends it. */
export const IDLE_TRANSACTION_MS = 3000;
/** A connection of the pool that nobody needs is kept for so long. */
export const IDLE_CONNECTION_MS = 60_000;
const FAREWELL_MS = 1000;

/** What TypeORM believes about the transaction of a runner. */
interface RunnerState {
  isTransactionActive: boolean;
  transactionDepth: number;
}

/** @param committing to be called when what follows may store something for good */
type Work<Connection, T> = (runner: QueryRunner, connection: Connection, committing: () => void) => Promise<T>;

/**
 * A database server, over a pool of connections. Isolation is READ COMMITTED. What others are in the way of is repeated.
 * A server that stops answering costs the caller his patience and the pool a connection, which is destroyed: neither is
 * lost for ever.
 */
export abstract class ServerDatabase<Connection> extends Database {
  protected readonly monitor: DatabaseMonitor | undefined;
  private readonly patienceMs: number;
  private readonly running = new Set<Promise<unknown>>();
  private isClosing = false;

  protected constructor(
    readonly dataSource: DataSource,
    private readonly sockets: Sockets,
    options: ServerOptions,
  ) {
    super();
    this.monitor = options.monitor;
    this.patienceMs = options.patienceMs ?? DEFAULT_PATIENCE_MS;
  }

  /** @param work also gets the driver's connection, for statements that are too hot for TypeORM */
  override transaction<T>(work: (manager: EntityManager, connection: Connection) => Promise<T>): Promise<T> {
    return this.access('write', (runner, connection, committing) =>
      this.inTransaction(runner, connection, committing, work),
    );
  }

  /** One statement that writes, committed by itself. It may be run again: when it was undone, never when it was stored. */
  statement<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return this.access('write', (_, connection, committing) => {
      committing();
      return work(connection);
    });
  }

  override read<T>(work: (manager: EntityManager, connection: Connection) => Promise<T>): Promise<T> {
    return this.access('read', (runner, connection) => work(runner.manager, connection));
  }

  override async ping(): Promise<void> {
    await this.read((manager) => manager.query('SELECT 1'));
  }

  override async close(): Promise<void> {
    // What began from here on would have its connection taken away in the middle.
    this.isClosing = true;
    await Promise.allSettled(this.running);
    if (!this.dataSource.isInitialized) return;
    // Taking leave of a server that does not answer would take for ever.
    const stop = startPatience(FAREWELL_MS, () => this.sockets.destroy());
    await this.dataSource.destroy().finally(stop);
  }

  /** The socket of a connection. */
  protected abstract streamOf(connection: Connection): Duplex;

  /** Sends a statement without parameters. */
  protected abstract send(connection: Connection, statement: string): Promise<unknown>;

  /** @throws Error if it was undone instead, as a statement had failed */
  protected abstract commit(connection: Connection): Promise<void>;

  protected override unavailable(error: unknown): HubbubError | undefined {
    return serverUnavailable(error);
  }

  private access<T>(kind: 'read' | 'write', work: Work<Connection, T>): Promise<T> {
    const end = performance.now() + this.patienceMs;
    const attempt = () => this.lend(Math.max(1, end - performance.now()), work);
    const result = this.guarded(kind, async () => {
      if (this.isClosing) throw new ConnectionLost(undefined, 'none');
      return retryWhileBusy(attempt, {
        forMs: this.patienceMs,
        isBusy: (error) => isRepeatable(error) && performance.now() < end,
        now: () => performance.now(),
        sleep: (ms) => sleep(ms),
        onRetry: () => this.monitor?.retrying(),
        jitter: (ms) => ms * (0.5 + Math.random()),
      });
    });
    this.running.add(result);
    const settled = () => void this.running.delete(result);
    result.then(settled, settled);
    return result;
  }

  /** One connection for one piece of work, which is over within `patienceMs`: then the connection is destroyed under it. */
  private async lend<T>(patienceMs: number, work: Work<Connection, T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    const connection = await connect<Connection>(runner, patienceMs);
    const stream = this.streamOf(connection);
    const stop = startPatience(patienceMs, () => stream.destroy());
    let isCommitting = false;
    try {
      return await work(runner, connection, () => {
        isCommitting = true;
      });
    } catch (error) {
      // A server that goes down may say so before it hangs up: what it says is that it has undone the work.
      const isLost = stream.destroyed && serverUnavailable(error)?.name !== 'ServerError' && !isHubbubError(error);
      throw isLost ? new ConnectionLost(error, isCommitting ? 'unknown' : 'undone') : error;
    } finally {
      stop();
      await runner.release();
    }
  }

  private async inTransaction<T>(
    runner: QueryRunner,
    connection: Connection,
    committing: () => void,
    work: (manager: EntityManager, connection: Connection) => Promise<T>,
  ): Promise<T> {
    // Not TypeORM's own begin and commit: told by state instead, they cost no more than the statement.
    const state = runner as unknown as RunnerState;
    await this.send(connection, 'START TRANSACTION');
    Object.assign(state, { isTransactionActive: true, transactionDepth: 1 });
    try {
      const result = await work(runner.manager, connection);
      committing();
      await this.commit(connection);
      return result;
    } catch (error) {
      await this.undo(connection);
      throw error;
    } finally {
      Object.assign(state, { isTransactionActive: false, transactionDepth: 0 });
    }
  }

  private async undo(connection: Connection): Promise<void> {
    const stream = this.streamOf(connection);
    if (stream.destroyed) return;
    try {
      await this.send(connection, 'ROLLBACK');
    } catch {
      // Nobody else may get a connection with an open transaction.
      stream.destroy();
    }
  }
}

/** A connection of the pool. One that comes too late is given back. */
async function connect<Connection>(runner: QueryRunner, patienceMs: number): Promise<Connection> {
  const connecting = runner.connect() as Promise<Connection>;
  let stop = (): void => {};
  const late = new Promise<never>((_, fail) => {
    stop = startPatience(patienceMs, () => fail(new Error('no connection to the database within the time')));
  });
  try {
    return await Promise.race([connecting, late]);
  } catch (error) {
    connecting.then(
      () => runner.release(),
      () => {},
    );
    throw new ConnectionLost(error, 'none');
  } finally {
    stop();
  }
}
