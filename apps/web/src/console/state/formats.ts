/** What was not measured is a dash. */
type Figure = (value: number | null | undefined) => string;

/** Figures as people read them, in one language. Units stand behind a narrow no-break space, so that no line breaks between. */
export interface Formats {
  readonly language: string;
  /** 12,345. */
  readonly count: Figure;
  /** At most four digits: 12.3K, for axes. */
  readonly short: (value: number) => string;
  /** Per second: 1,204/s, 0.3/s. */
  readonly rate: Figure;
  /** 0.42 ms, 4.2 ms, 123 ms, 1.24 s. */
  readonly millis: Figure;
  /** 412 MiB. */
  readonly bytes: Figure;
  /** Of a fraction: 0.42 is 42%. */
  readonly percent: Figure;
  /** The two largest units of a length of time in ms: 3d 4h. */
  readonly duration: Figure;
  /** Time of the day with seconds. */
  readonly clock: (at: number) => string;
  /** Hour and minute. */
  readonly minute: (at: number) => string;
  /** Day and time in full. */
  readonly moment: (at: number) => string;
  /** As short as it is clear: the time of today, the day and time of other days. */
  readonly when: (at: number, now?: number) => string;
}

export const NONE = '–';
const SPACE = '\u202f';
const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
const DURATION_UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const;

/** @param language as in BCP 47 */
export function makeFormats(language: string): Formats {
  const digits = (maximumFractionDigits: number, more: Intl.NumberFormatOptions = {}) =>
    new Intl.NumberFormat(language, { maximumFractionDigits, ...more });
  const [whole, one, two] = [digits(0), digits(1), digits(2)];
  const compact = digits(1, { notation: 'compact' });
  const percent = digits(0, { style: 'percent' });
  const smallPercent = digits(1, { style: 'percent' });
  const clock = new Intl.DateTimeFormat(language, { timeStyle: 'medium' });
  const minute = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' });
  const day = new Intl.DateTimeFormat('en', { dateStyle: 'short' });
  const year = new Intl.DateTimeFormat('en', { year: 'numeric' });
  const dayAndTime = new Intl.DateTimeFormat(language, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
  const moment = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  /** Three digits that say something. */
  const digits3 = (value: number) => (value < 9.995 ? two : value < 99.95 ? one : whole).format(value);
  const orNone = (format: (value: number) => string) => (value: number | null | undefined) =>
    value === null || value === undefined || Number.isNaN(value) ? NONE : format(value);
  return {
    language,
    count: orNone((value) => whole.format(value)),
    short: (value) => (Math.abs(value) < 1 ? two : compact).format(value),
    rate: orNone((value) => `${(value > 0 && value < 9.95 ? one : whole).format(value)}/s`),
    millis: orNone((value) => (value < 999.5 ? `${digits3(value)}${SPACE}ms` : `${digits3(value / 1000)}${SPACE}s`)),
    bytes: orNone((value) => {
      const step = Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log2(Math.max(1, value)) / 10));
      return `${step === 0 ? whole.format(value) : digits3(value / 1024 ** step)}${SPACE}${BYTE_UNITS[step]}`;
    }),
    percent: orNone((value) => (value > 0 && value < 0.0995 ? smallPercent : percent).format(value)),
    duration: orNone((value) => durationOf(Math.max(0, value))),
    clock: (at) => clock.format(at),
    minute: (at) => minute.format(at),
    moment: (at) => moment.format(at),
    when: (at, now = Date.now()) => {
      if (day.format(at) === day.format(now)) return clock.format(at);
      return (year.format(at) === year.format(now) ? dayAndTime : date).format(at);
    },
  };
}

function durationOf(ms: number): string {
  const first = DURATION_UNITS.findIndex(([unit]) => ms >= unit);
  if (first === -1) return `0${SPACE}s`;
  let rest = ms;
  const parts: string[] = [];
  for (const [unit, name] of DURATION_UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    if (count > 0) parts.push(`${count}${SPACE}${name}`);
  }
  return parts.join(' ');
}
