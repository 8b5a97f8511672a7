export {
  describeOnEveryDatabase,
  describeOnEveryServer,
  describeWithOwnServer,
  type OpenDatabase,
} from './every-database.js';
export { openTestDatabase, type TestDatabaseOptions } from './open-test-database.js';
export { DatabaseServerProcess, missingProgram } from './server-process.js';
export { shapesOfTables } from './tables.js';
export {
  makeTestDatabase,
  missing as missingTestServer,
  TESTED_DATABASES,
  type TestedDatabase,
  type TestedServer,
  type TestServerDatabase,
} from './test-server.js';
