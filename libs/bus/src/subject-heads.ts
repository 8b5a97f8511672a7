import { isWildcard } from './subject-match.js';

/** Stands for patterns with a wildcard in their first two tokens. */
const ANY = '*';

/** What the patterns of subscriptions begin with. */
export class SubjectHeads {
  /** How many patterns begin with the same two tokens. */
  private readonly counts = new Map<string, number>();

  add(pattern: string): void {
    this.count(pattern, 1);
  }

  remove(pattern: string): void {
    this.count(pattern, -1);
  }

  /** Whether there may be a subscription to a subject that begins with these two tokens. */
  hears(head: string): boolean {
    return this.counts.has(head) || this.counts.has(ANY);
  }

  private count(pattern: string, by: number): void {
    const two = pattern.split('.', 2).join('.');
    const head = isWildcard(two) ? ANY : two;
    const count = (this.counts.get(head) ?? 0) + by;
    if (count === 0) this.counts.delete(head);
    else this.counts.set(head, count);
  }
}
