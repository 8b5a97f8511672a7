/** Transformer of time columns: some databases return 64-bit integers as text, and Unix times are far below 2^53. */
export const unixColumn = {
  to: (value: number | null) => value,
  from: (value: string | number | null) => (value === null ? null : Number(value)),
};
