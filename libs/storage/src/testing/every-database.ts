import type { Database } from '../database.js';
import { openTestDatabase, type TestDatabaseOptions } from './open-test-database.js';
import { DatabaseServerProcess, missingProgram } from './server-process.js';
import { missing, TESTED_DATABASES, type TestedDatabase, type TestedServer } from './test-server.js';

/** Opens a database of the suite's type; see `openTestDatabase`. */
export type OpenDatabase = (options?: TestDatabaseOptions) => Promise<Database>;

/**
 * One suite for each type of database. A type whose server is missing is skipped, and fails where all are expected
 * (`CI=true`).
 */
export function describeOnEveryDatabase(name: string, suite: (open: OpenDatabase, type: TestedDatabase) => void): void {
  for (const type of TESTED_DATABASES) describeOnDatabase(type, name, suite);
}

/** As `describeOnEveryDatabase`, for what only servers have: several that write at once. */
export function describeOnEveryServer(name: string, suite: (open: OpenDatabase, type: TestedDatabase) => void): void {
  for (const type of TESTED_DATABASES) if (type !== 'sqlite') describeOnDatabase(type, name, suite);
}

/** For tests that break a server: it is one of their own. Where its program is missing it is as above. */
export function describeWithOwnServer(
  name: string,
  suite: (start: () => Promise<DatabaseServerProcess>, type: TestedServer) => void,
): void {
  for (const type of TESTED_DATABASES) {
    if (type === 'sqlite') continue;
    describeWhere(missingProgram(type), type, name, () => suite(() => DatabaseServerProcess.start(type), type));
  }
}

function describeOnDatabase(
  type: TestedDatabase,
  name: string,
  suite: (open: OpenDatabase, type: TestedDatabase) => void,
): void {
  describeWhere(missing(type), type, name, () => suite((options) => openTestDatabase({ ...options, type }), type));
}

function describeWhere(reason: string | undefined, type: TestedDatabase, name: string, suite: () => void): void {
  if (reason === undefined) {
    describe(`${name} (${type})`, suite);
  } else if (process.env['CI'] === 'true') {
    it(`${name} (${type})`, () => {
      throw new Error(reason);
    });
  } else {
    // biome-ignore lint/suspicious/noSkippedTests: what cannot run here is to be seen
    it.skip(`${name} (${type}: ${reason})`, () => {});
  }
}
