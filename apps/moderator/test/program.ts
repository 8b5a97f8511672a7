import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A built program as a process of its own, known by what it writes: to be killed and ended. */
export class Program {
  /** Every line so far. */
  readonly lines: string[] = [];
  /** Its exit code, once it has ended and all that it wrote is here; null if it was killed. */
  readonly ended: Promise<number | null>;
  private readonly watchers = new Set<() => void>();

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
  ) {
    child.stderr?.on('data', (text: Buffer) => this.lines.push(text.toString()));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      this.lines.push(line);
      for (const watcher of this.watchers) watcher();
    });
    this.ended = new Promise((resolve) => {
      child.once('close', (code) => {
        resolve(code);
        for (const watcher of this.watchers) watcher();
      });
    });
  }

  /** @param name as `apps/moderator/src/main` */
  static start(name: string, env: Readonly<Record<string, string>>): Program {
    const child = spawn(process.execPath, ['scripts/run.mjs', name], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new Program(name, child);
  }

  get written(): string {
    return this.lines.join('\n');
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** What the first line that matches has of the pattern, whenever it comes. @throws Error if it ends without */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = this.lines.map((line) => pattern.exec(line)).find((match) => match !== null);
      if (found) return found;
      if (this.hasEnded) throw new Error(`${this.name} ended without ${String(pattern)}:\n${this.written}`);
      await new Promise<void>((resolve) => this.watchers.add(resolve));
    }
  }

  /** Ends it without a word. */
  kill(): Promise<number | null> {
    return this.end('SIGKILL');
  }

  /** Has it end in good order. @returns its exit code */
  terminate(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  private end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.ended;
  }
}
