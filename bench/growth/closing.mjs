/** What has to be ended, also when the run is interrupted: servers of their own that would stay. */

const open = new Set();

/** @returns `close`, which runs once, whether it is called or `closeAll` is */
export function closing(close) {
  let closed;
  const once = () => {
    closed ??= close().finally(() => open.delete(once));
    return closed;
  };
  open.add(once);
  return once;
}

/** Ends everything that is still there; the newest first, as it may use what was there before. */
export async function closeAll() {
  for (const close of [...open].toReversed()) await close();
}
