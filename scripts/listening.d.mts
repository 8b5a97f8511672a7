import type { ChildProcess } from 'node:child_process';

export interface Listening {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly socket: URL;
}

/**
 * Starts `program` and waits until it has printed an address `ws://host:port/path`.
 * @returns the process, its end, and the address
 * @throws with all it printed, when it ends or takes longer than 30 s
 */
export function startListening(
  program: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Listening>;
