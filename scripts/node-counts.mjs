/** Reporter for `node --test`: adds the run's counts to `HUBBUB_TEST_COUNTS`, and names what was skipped. */
import { addCounts } from './counts.mjs';

export default async function* nodeCounts(events) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details?.type === 'suite') continue;
    if (data.skip !== undefined || data.todo !== undefined) {
      counts.skipped++;
      yield `skipped: ${data.name}\n`;
    } else if (type === 'test:fail') counts.failed++;
    else counts.passed++;
  }
  addCounts(counts);
}
