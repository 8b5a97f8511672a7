import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { HubbubError } from '@hubbub/protocol';
import type { SqliteFile } from './sqlite-source.js';
import type { Answer, ThreadData, ThreadTask } from './sqlite-thread.worker.js';

interface Call<Response> {
  readonly resolve: (response: Response) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A thread with a writing connection of its own, which does one job: statements, syncs and checkpoints that take long do not
 * stop the event loop. The first call starts it.
 *
 * Should it break down, out of memory, it takes the process along, as nobody can tell what it has stored: whoever comes back
 * finds that in the log. Where the application outlives an uncaught error, the next call starts another thread.
 */
export class SqliteThread<Request, Response> {
  private worker: Worker | null = null;
  private readonly calls: Call<Response>[] = [];

  /**
   * @param job module that exports `job`, a `SqliteJob`; loaded in the thread, so it imports little
   * @param options what the job is made with; cloned, as requests and responses are
   * @param pragmas what its connection is set to when it is opened, beyond what every one that writes is
   */
  constructor(
    private readonly file: SqliteFile['file'],
    private readonly job: URL,
    private readonly options: unknown,
    private readonly pragmas: readonly string[],
  ) {}

  /**
   * Has `request` done, after those before it.
   * @throws what the driver or the job throws, with its `message`, `stack` and `code`; then nothing was stored. HubbubError Timeout when the
   *   thread broke down
   */
  call(request: Request): Promise<Response> {
    this.worker ??= this.start();
    // A call that is under way keeps the process; a thread that waits does not.
    if (this.calls.length === 0) this.worker.ref();
    this.tell({ request });
    return new Promise((resolve, reject) => this.calls.push({ resolve, reject }));
  }

  /** Sets a pragma on its connection, should it have one. */
  pragma(setting: string): void {
    this.tell({ pragma: setting });
  }

  /** Resolves when the calls before have been answered and the connection is closed. */
  async close(): Promise<void> {
    if (this.worker === null) return;
    const ended = once(this.worker, 'exit');
    this.worker.ref();
    this.tell({ isLast: true });
    this.worker = null;
    await ended;
  }

  private tell(task: ThreadTask): void {
    this.worker?.postMessage(task);
  }

  private start(): Worker {
    const data: ThreadData = { file: this.file, job: this.job.href, options: this.options, pragmas: this.pragmas };
    const program = new URL('./sqlite-thread.worker.js', import.meta.url).href;
    // Not the file itself: in a process whose own program was given as text, with `--input-type`, Node refuses that.
    const entry = new URL(`data:text/javascript,import${encodeURIComponent(JSON.stringify(program))}`);
    const worker = new Worker(entry, { workerData: data });
    worker.on('message', (answer: Answer<Response>) => {
      const call = this.calls.shift();
      if (this.calls.length === 0) worker.unref();
      if ('error' in answer) call?.reject(Object.assign(new Error(answer.error.message), answer.error));
      else call?.resolve(answer.response);
    });
    worker.on('error', (error) => this.brokeDown(error));
    return worker;
  }

  private brokeDown(error: unknown): void {
    this.worker = null;
    for (const { reject } of this.calls.splice(0)) reject(new HubbubError('Timeout', { cause: error }));
    process.nextTick(() => {
      throw error;
    });
  }
}
