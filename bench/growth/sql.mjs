import { execFileSync } from 'node:child_process';
import { findProgram } from '../../scripts/services/start.mjs';

/** Runs statements on a Postgres, one after the other, then tells its planner of them as time alone would. @returns what the last one printed */
export function execute(url, statements) {
  const commands = [...statements, 'ANALYZE'].flatMap((statement) => ['-c', statement]);
  return execFileSync(findProgram('psql'), [url, '-qAtX', '-v', 'ON_ERROR_STOP=1', ...commands], { encoding: 'utf8' });
}
