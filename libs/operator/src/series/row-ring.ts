/** The last rows of a table of numbers, in memory that is taken once. Its first column says when, and grows. */
export class RowRing {
  private readonly values: Float64Array;
  private next = 0;
  private length = 0;

  constructor(
    private readonly rows: number,
    private readonly columns: number,
  ) {
    this.values = new Float64Array(rows * columns);
  }

  /**
   * In the place of the oldest, where there are as many as there may be; and of those that are not before it: the clock was set back.
   * @param row of the length of the columns; copied
   */
  push(row: Float64Array): void {
    while (this.length > 0 && this.lastAt >= (row[0] as number)) {
      this.next = (this.next - 1 + this.rows) % this.rows;
      this.length--;
    }
    this.values.set(row, this.next * this.columns);
    this.next = (this.next + 1) % this.rows;
    this.length = Math.min(this.length + 1, this.rows);
  }

  /** Rows whose first column is above `after`, the oldest first. */
  after(after: number): number[][] {
    const found: number[][] = [];
    for (let i = 0; i < this.length; i++) {
      const from = ((this.next - this.length + i + this.rows) % this.rows) * this.columns;
      if ((this.values[from] as number) > after) found.push([...this.values.subarray(from, from + this.columns)]);
    }
    return found;
  }

  private get lastAt(): number {
    return this.values[((this.next - 1 + this.rows) % this.rows) * this.columns] as number;
  }
}
