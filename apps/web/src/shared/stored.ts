/**
 * What this browser keeps of the page, below one prefix in `localStorage`. A browser that refuses (private windows, full
 * disks, site data switched off) keeps it as long as the page lives, and nobody else has to care.
 */
const PREFIX = 'hubbub:';
const memory = new Map<string, string>();

/** @returns null where nothing is kept, or nothing that can be read */
export function readStored<T>(key: string): T | null {
  const text = rawStored(key);
  if (text === null) return null;
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}

/** @param value undefined takes it away */
export function writeStored(key: string, value: unknown): void {
  const name = PREFIX + key;
  const text = value === undefined ? undefined : JSON.stringify(value);
  memory.delete(name);
  try {
    if (text === undefined) localStorage.removeItem(name);
    else localStorage.setItem(name, text);
  } catch {
    if (text !== undefined) memory.set(name, text);
  }
}

/** Calls `listener` when another tab changed `key`. @returns what ends it */
export function onStored(key: string, listener: () => void): () => void {
  const heard = ({ key: changed }: StorageEvent) => {
    if (changed === null || changed === PREFIX + key) listener();
  };
  globalThis.addEventListener?.('storage', heard as EventListener);
  return () => globalThis.removeEventListener?.('storage', heard as EventListener);
}

function rawStored(key: string): string | null {
  const name = PREFIX + key;
  try {
    return localStorage.getItem(name) ?? memory.get(name) ?? null;
  } catch {
    return memory.get(name) ?? null;
  }
}
