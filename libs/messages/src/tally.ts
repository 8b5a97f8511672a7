/** A sum of what several sources say, each once. Pure: whoever owns it ends it when it has waited long enough. */
export class Tally {
  private readonly awaited: Set<string>;
  private sum = 0;
  private ended = false;

  /** @param done called once, with the sum: when all have said something, or at the end; at once where nobody is awaited */
  constructor(
    sources: Iterable<string>,
    private readonly done: (sum: number) => void,
  ) {
    this.awaited = new Set(sources);
    if (this.awaited.size === 0) this.end();
  }

  /** Who has said nothing yet. */
  get missing(): readonly string[] {
    return [...this.awaited];
  }

  /** What a source says; who is not awaited, or not any more, does not count. */
  add(source: string, count: number): void {
    if (this.ended || !this.awaited.delete(source)) return;
    this.sum += count;
    if (this.awaited.size === 0) this.end();
  }

  /** Awaits nobody any more. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.done(this.sum);
  }
}
