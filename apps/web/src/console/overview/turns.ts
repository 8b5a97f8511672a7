/** Work for one turn of the event loop, in ms: what is pressed meanwhile is answered in time. */
const BUDGET_MS = 10;

const waiting = new Set<() => void>();
let isRunning = false;

/** Does the work soon, a few pieces a turn. @returns what takes it back */
export function soon(work: () => void): () => void {
  waiting.add(work);
  if (!isRunning) {
    isRunning = true;
    setTimeout(turn);
  }
  return () => waiting.delete(work);
}

function turn(): void {
  const end = performance.now() + BUDGET_MS;
  for (const work of waiting) {
    waiting.delete(work);
    work();
    if (performance.now() > end) break;
  }
  isRunning = waiting.size > 0;
  if (isRunning) setTimeout(turn);
}
