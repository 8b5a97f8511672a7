import { type ReadonlySignal, signal } from '@preact/signals';
import { onStored, readStored, writeStored } from '../../shared/stored.js';

/** Ids of the rooms that a person has entered in this browser, the same in all its tabs. */
export class EnteredRooms {
  private readonly ids = signal<readonly string[]>([]);
  private readonly stop: () => void;

  /** @param key in the store */
  constructor(private readonly key: string) {
    this.read();
    this.stop = onStored(key, () => this.read());
  }

  get list(): ReadonlySignal<readonly string[]> {
    return this.ids;
  }

  has(roomId: string): boolean {
    return this.ids.value.includes(roomId);
  }

  add(roomId: string): void {
    if (!this.has(roomId)) this.write([...this.ids.value, roomId]);
  }

  remove(roomId: string): void {
    if (this.has(roomId)) this.write(this.ids.value.filter((id) => id !== roomId));
  }

  dispose(): void {
    this.stop();
  }

  private read(): void {
    const kept = readStored<unknown>(this.key);
    this.ids.value = Array.isArray(kept) ? kept.filter((id) => typeof id === 'string') : [];
  }

  private write(ids: readonly string[]): void {
    this.ids.value = ids;
    writeStored(this.key, ids);
  }
}
