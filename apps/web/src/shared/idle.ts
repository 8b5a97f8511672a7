/** Safari has no idle time that it would tell of. */
const OTHERWISE_AFTER_MS = 300;

/** Calls `run` once the page has nothing else to do. @returns what takes it back */
export function whenIdle(run: () => void): () => void {
  if (typeof requestIdleCallback === 'undefined') {
    const timer = setTimeout(run, OTHERWISE_AFTER_MS);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(run);
  return () => cancelIdleCallback(handle);
}
