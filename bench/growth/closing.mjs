/** What has to be ended, also when the run is interrupted: servers of their own that would stay. */

const open = new Set();
let isOver = false;

/** Before anything is started. @throws once all has to end */
export function goOn() {
  if (isOver) throw new Error('interrupted');
}

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
  isOver = true;
  for (const close of [...open].toReversed()) await close();
}
