import type { BusHandler } from '../bus.js';
import { SubjectHeads } from '../subject-heads.js';

/** The handlers of one bus by pattern. The broker is asked once a pattern, however many handlers it has. */
export class Subscribers {
  private readonly byPattern = new Map<string, Set<{ readonly handler: BusHandler }>>();
  private readonly heads = new SubjectHeads();

  constructor(private readonly onError: (error: unknown, subject: string) => void) {}

  /** @returns whether it is the first of its pattern, and what takes it away, which tells whether it was the last */
  add(pattern: string, handler: BusHandler): { isFirst: boolean; remove: () => { wasLast: boolean } } {
    let entries = this.byPattern.get(pattern);
    const isFirst = entries === undefined;
    if (entries === undefined) this.byPattern.set(pattern, (entries = new Set()));
    if (isFirst) this.heads.add(pattern);
    const own = entries;
    const entry = { handler };
    own.add(entry);
    const remove = () => {
      const wasLast = own.delete(entry) && own.size === 0 && this.byPattern.get(pattern) === own;
      if (wasLast) {
        this.byPattern.delete(pattern);
        this.heads.remove(pattern);
      }
      return { wasLast };
    };
    return { isFirst, remove };
  }

  /** Whether there may be a handler for a subject that begins with these two tokens. */
  hears(head: string): boolean {
    return this.heads.hears(head);
  }

  deliver(pattern: string, subject: string, payload: Uint8Array): void {
    const entries = this.byPattern.get(pattern);
    if (entries === undefined) return;
    for (const { handler } of entries) {
      try {
        handler(payload, subject);
      } catch (error) {
        this.onError(error, subject);
      }
    }
  }

  clear(): void {
    for (const entries of this.byPattern.values()) entries.clear();
    this.byPattern.clear();
  }
}
