/**
 * A quantile of what a histogram counted, by interpolation inside its bucket: Prometheus' `histogram_quantile`.
 * @param bounds upper bounds of the buckets, ascending
 * @param counts how often each bucket was met, and last what is above all bounds, which is told as the highest of them
 * @returns NaN where nothing was counted
 */
export function quantile(q: number, bounds: readonly number[], counts: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i <= bounds.length; i++) total += counts[i] ?? 0;
  if (total === 0) return Number.NaN;
  const rank = q * total;
  let below = 0;
  for (let i = 0; i < bounds.length; i++) {
    const met = counts[i] ?? 0;
    if (met > 0 && below + met >= rank) {
      const from = bounds[i - 1] ?? 0;
      return from + (((bounds[i] as number) - from) * (rank - below)) / met;
    }
    below += met;
  }
  return bounds.at(-1) ?? Number.NaN;
}
