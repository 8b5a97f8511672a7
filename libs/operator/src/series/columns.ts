/** What a row of the series tells of one interval, in this order. Documented at `SeriesAnswer`. */
export const COLUMNS = [
  'at',
  'connections',
  'users',
  'rooms',
  'members',
  'commands',
  'command_errors',
  'command_p50_ms',
  'command_p99_ms',
  'deliveries',
  'appended',
  'append_p50_ms',
  'append_p99_ms',
  'slow_consumers',
  'dropped',
  'repairs',
  'rate_limited',
  'bytes_in',
  'bytes_out',
  'cpu',
  'loop_p99_ms',
  'rss_bytes',
  'heap_bytes',
] as const;

export type SeriesColumn = (typeof COLUMNS)[number];
