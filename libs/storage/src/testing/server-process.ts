import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { freePort } from '../../../../scripts/free-port.mjs';
import type { TestedServer } from './test-server.js';

const START_MS = 30_000;

interface Program {
  readonly name: string;
  /** Accounts that it may run as: as root it would not. */
  readonly accounts: readonly string[];
  readonly url: (port: number) => string;
  readonly prepare: (folder: string, user: readonly string[]) => readonly [string, readonly string[]];
  readonly args: (folder: string, port: number, user: readonly string[]) => readonly string[];
}

const PROGRAMS: Record<TestedServer, Program> = {
  postgres: {
    name: 'postgres',
    accounts: ['postgres', 'nobody'],
    url: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
    prepare: (folder) => [
      'initdb',
      ['-D', join(folder, 'data'), '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    ],
    args: (folder, port) => ['-D', join(folder, 'data'), '-h', '127.0.0.1', '-p', `${port}`, '-k', folder],
  },
  mariadb: {
    name: 'mariadbd',
    accounts: ['mysql', 'nobody'],
    url: (port) => `mysql://root@127.0.0.1:${port}/test`,
    prepare: (folder, user) => [
      'mariadb-install-db',
      [
        ...['--no-defaults', `--datadir=${join(folder, 'data')}`, ...user],
        ...['--auth-root-authentication-method=normal', '--skip-log-bin'],
      ],
    ],
    args: (folder, port, user) => [
      ...['--no-defaults', `--datadir=${join(folder, 'data')}`, ...user, '--bind-address=127.0.0.1', `--port=${port}`],
      ...[`--socket=${join(folder, 'socket')}`, `--pid-file=${join(folder, 'pid')}`],
    ],
  },
};

/** Why a server of one's own cannot be started here; undefined if it can. */
export function missingProgram(type: TestedServer): string | undefined {
  const { name } = PROGRAMS[type];
  return findProgram(name) === undefined ? `${name} is not installed` : undefined;
}

/** A database server of one's own on a free port, to be killed and stopped as one likes. Its data outlive a restart. */
export class DatabaseServerProcess {
  private child: ChildProcess | undefined;

  private constructor(
    readonly type: TestedServer,
    private readonly port: number,
    private readonly folder: string,
    private readonly account: Account | undefined,
  ) {}

  static async start(type: TestedServer): Promise<DatabaseServerProcess> {
    const { prepare, accounts } = PROGRAMS[type];
    const folder = mkdtempSync(join(tmpdir(), `hubbub-${type}-`));
    const account = process.getuid?.() === 0 ? accountOf(accounts) : undefined;
    if (account !== undefined) chownSync(folder, account.uid, account.gid);
    const server = new DatabaseServerProcess(type, await freePort(), folder, account);
    const [program, args] = prepare(folder, server.user);
    execFileSync(findProgram(program) ?? program, args, { ...server.as, cwd: folder, stdio: 'ignore' });
    await server.start();
    return server;
  }

  get url(): string {
    return PROGRAMS[this.type].url(this.port);
  }

  /** Starts it again after `kill`, and waits until it answers. */
  async start(): Promise<void> {
    const { name, args } = PROGRAMS[this.type];
    const deadline = performance.now() + START_MS;
    do {
      // Parts of the one that was killed may still be there; then it ends at once.
      if (!this.isRunning) {
        const options = { ...this.as, cwd: this.folder, stdio: 'ignore' } as const;
        this.child = spawn(findProgram(name) ?? name, args(this.folder, this.port, this.user), options);
      }
      if (await this.answers()) return;
      await sleep(20);
    } while (performance.now() < deadline);
    throw new Error(`${name} did not start`);
  }

  /** Ends it, as a crash does. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined || !this.isRunning) return;
    const ended = once(child, 'exit');
    for (const pid of this.processes()) kill(pid, 'SIGKILL');
    await ended;
  }

  /** From here on it keeps its connections and does nothing. The signal alone would let threads finish what they are at. */
  pause(): void {
    const processes = this.processes();
    for (const pid of processes) kill(pid, 'SIGSTOP');
    while (!processes.every(isStopped)) continue;
  }

  resume(): void {
    for (const pid of this.processes()) kill(pid, 'SIGCONT');
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  private get as(): { uid?: number; gid?: number } {
    return this.account === undefined ? {} : { uid: this.account.uid, gid: this.account.gid };
  }

  private get user(): readonly string[] {
    return this.account === undefined ? [] : [`--user=${this.account.name}`];
  }

  /** Postgres has a process for each connection. */
  private processes(): number[] {
    const own = this.child?.pid;
    if (own === undefined) return [];
    const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=']).toString().trim().split('\n');
    const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
    return [own, ...pairs.flatMap(([pid, parent]) => (parent === own && pid !== undefined ? [pid] : []))];
  }

  private async answers(): Promise<boolean> {
    try {
      const source = await new DataSource({ type: this.type, url: this.url, poolSize: 1 }).initialize();
      await source.destroy();
      return true;
    } catch {
      return false;
    }
  }
}

interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

function accountOf(names: readonly string[]): Account | undefined {
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of names) {
    const found = accounts.find(([account]) => account === name);
    if (found !== undefined) return { name, uid: Number(found[2]), gid: Number(found[3]) };
  }
  return undefined;
}

/** In PATH, or where Debian keeps what is not meant for users' PATH. */
function findProgram(name: string): string | undefined {
  const postgres = '/usr/lib/postgresql';
  const versions = existsSync(postgres) ? readdirSync(postgres).map((version) => join(postgres, version, 'bin')) : [];
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    ...versions.toReversed(),
  ];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

/** Whether none of its threads runs. */
function isStopped(pid: number): boolean {
  try {
    const states = execFileSync('ps', ['-L', '-o', 'stat=', '-p', `${pid}`])
      .toString()
      .trim()
      .split('\n');
    return states.every((state) => /^[TZ]/.test(state.trim()));
  } catch {
    // It has ended meanwhile.
    return true;
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
