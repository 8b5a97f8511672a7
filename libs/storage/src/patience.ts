/** A process that was itself stopped for a while finds its timers due before what has arrived meanwhile. */
const LATE_MS = 500;

/**
 * Calls `expire` unless it is stopped within `ms`. Where this process was the one that did not run, the other side gets
 * a little more time: its answer may be there already.
 * @returns stops it
 */
export function startPatience(ms: number, expire: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (delay: number): void => {
    const due = performance.now() + delay;
    timer = setTimeout(() => {
      if (performance.now() - due > LATE_MS) wait(LATE_MS);
      else expire();
    }, delay);
  };
  wait(ms);
  return () => clearTimeout(timer);
}
