import { type FileHandle, link, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { idOf, isKept, type KeptMessage, type OutboxStore } from './outbox-store.js';

/** A file with more lines than it needs is written anew once they are this many. */
const SPARE_LINES = 1000;

/** What stores of this process do with a file, one after the other. */
interface Turns {
  /** Who did something last: it may have the file open. */
  user: FileOutbox | null;
  last: Promise<unknown>;
}

const turnsOf = new Map<string, Turns>();

/**
 * An outbox in a file, for Node: a line for each message, and one for each that is done. What was written survives the loss
 * of power. One process uses it at a time (`<path>.lock` has its id); for another, whatever it asks rejects. Two clients of
 * one process lose nothing of each other, and may send the same, which the keys make harmless. Only its owner may read it.
 * @param path of the file; it is made, with its folder
 */
export function fileOutbox(path: string): OutboxStore {
  return new FileOutbox(resolve(path));
}

class FileOutbox implements OutboxStore {
  private opening: Promise<FileHandle> | null = null;
  private readonly kept = new Map<string, KeptMessage>();
  /** What is with the client already. */
  private readonly known = new Set<string>();
  private lines = 0;
  /** Whether the last line may have no end. */
  private isTorn = false;
  private readonly turns: Turns;

  constructor(private readonly path: string) {
    this.turns = turnsOf.get(path) ?? { user: null, last: Promise.resolve() };
    turnsOf.set(path, this.turns);
  }

  take(userId: string): Promise<readonly KeptMessage[]> {
    return this.inTurn(async () => {
      const taken = [...this.kept].filter(([id, message]) => message.userId === userId && !this.known.has(id));
      for (const [id] of taken) this.known.add(id);
      return taken.map(([, message]) => message).sort((a, b) => a.order - b.order);
    });
  }

  write(put: readonly KeptMessage[], remove: readonly KeptMessage[]): Promise<void> {
    return this.inTurn((file) => this.append(file, put, remove));
  }

  close(): Promise<void> {
    return this.after(async () => {
      if (this.turns.user !== this) return;
      this.turns.user = null;
      if (await this.release()) await rm(`${this.path}.lock`, { force: true });
    });
  }

  /** Does something with the file, which another store of this process may have had since. */
  private inTurn<T>(work: (file: FileHandle) => Promise<T>): Promise<T> {
    return this.after(async () => {
      const { turns } = this;
      if (turns.user !== this) await turns.user?.release();
      turns.user = this;
      return work(await this.open());
    });
  }

  private after<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turns.last.then(work);
    this.turns.last = done.catch(() => {});
    return done;
  }

  private async append(file: FileHandle, put: readonly KeptMessage[], remove: readonly KeptMessage[]): Promise<void> {
    const lines = [...put, ...remove.map(idOf)].map((line) => `${JSON.stringify(line)}\n`);
    const start = this.isTorn ? '\n' : '';
    this.isTorn = true;
    await file.appendFile(start + lines.join(''));
    await file.datasync();
    this.isTorn = false;
    this.lines += lines.length;
    for (const message of put) {
      this.kept.set(idOf(message), message);
      this.known.add(idOf(message));
    }
    for (const message of remove) {
      this.kept.delete(idOf(message));
      this.known.delete(idOf(message));
    }
    if (this.lines - this.kept.size > SPARE_LINES + this.kept.size) await this.reopen();
  }

  /** @returns whether it had the file */
  private async release(): Promise<boolean> {
    const file = await this.opening?.catch(() => null);
    this.opening = null;
    this.kept.clear();
    this.known.clear();
    await file?.close();
    return file !== null && file !== undefined;
  }

  private open(): Promise<FileHandle> {
    this.opening ??= this.begin().catch((error: unknown) => {
      this.opening = null;
      throw error;
    });
    return this.opening;
  }

  private async begin(): Promise<FileHandle> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    await lock(`${this.path}.lock`);
    const text = await readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    for (const line of text.split('\n')) this.read(line);
    return text === '' ? open(this.path, 'a', 0o600) : this.rewrite();
  }

  /** Takes what a line says. One that was cut short by a crash says nothing. */
  private read(line: string): void {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return;
    }
    if (typeof value === 'string') this.kept.delete(value);
    else if (isKept(value)) this.kept.set(idOf(value), value);
  }

  private async reopen(): Promise<void> {
    await (await this.open()).close();
    this.opening = this.rewrite();
    await this.opening;
  }

  /** Leaves the messages that are kept and nothing else, in one step. */
  private async rewrite(): Promise<FileHandle> {
    const lines = Array.from(this.kept.values(), (message) => `${JSON.stringify(message)}\n`);
    const next = `${this.path}.new`;
    await writeFile(next, lines.join(''), { mode: 0o600, flush: true });
    await rename(next, this.path);
    this.lines = lines.length;
    this.isTorn = false;
    return open(this.path, 'a', 0o600);
  }
}

/** @throws Error while another process that is alive has it */
async function lock(path: string): Promise<void> {
  // With its content from the first moment on.
  const own = `${path}.${process.pid}`;
  await writeFile(own, `${process.pid}\n`, { mode: 0o600 });
  try {
    while (!(await isLinked(own, path))) {
      const holder = Number(await readFile(path, 'utf8').catch(() => ''));
      if (isAlive(holder)) throw new Error(`process ${holder} uses it`);
      await rm(path, { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
}

async function isLinked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether another process of this id runs. One before this had the id of this one, as the first of a container has. */
function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
