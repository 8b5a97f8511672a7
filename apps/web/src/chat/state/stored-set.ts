import { type ReadonlySignal, signal } from '@preact/signals';
import { onStored, readStored, writeStored } from '../../shared/stored.js';

/** Ids that a person keeps in this browser, in the order in which they came; the same in all its tabs. */
export class StoredSet {
  private readonly ids = signal<readonly string[]>([]);
  private readonly stop: () => void;
  private readonly listeners = new Set<() => void>();
  private kept = false;

  /** @param key in the store */
  constructor(private readonly key: string) {
    this.read();
    this.stop = onStored(key, () => {
      this.read();
      for (const listener of this.listeners) listener();
    });
  }

  /** Calls `listener` when another tab has changed it. @returns what ends it */
  onOther(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get list(): ReadonlySignal<readonly string[]> {
    return this.ids;
  }

  /** Whether this browser has kept it ever, be it empty by now. */
  get isKept(): boolean {
    return this.kept;
  }

  has(id: string): boolean {
    return this.ids.value.includes(id);
  }

  add(id: string): void {
    if (!this.has(id)) this.write([...this.ids.value, id]);
  }

  /** Adds what is not in it yet, and keeps it, even if that is nothing. */
  addAll(ids: readonly string[]): void {
    this.write([...new Set([...this.ids.value, ...ids])]);
  }

  remove(id: string): void {
    if (this.has(id)) this.write(this.ids.value.filter((one) => one !== id));
  }

  dispose(): void {
    this.stop();
  }

  private read(): void {
    const kept = readStored<unknown>(this.key);
    this.kept = kept !== null;
    this.ids.value = Array.isArray(kept) ? kept.filter((id) => typeof id === 'string') : [];
  }

  private write(ids: readonly string[]): void {
    this.kept = true;
    this.ids.value = ids;
    writeStored(this.key, ids);
  }
}
