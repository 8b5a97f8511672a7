/** What every message carries: the payload of the load generator (load/template.h), `{"t":…,"k":…,"n":…,"p":"…"}`. */
export const PAYLOAD_BYTES = 128;

/** Payload number `n`, counted from 1, as the load generator would write it. */
export function payload(n) {
  const head = `{"t":1000000000000001,"k":1000,"n":${100_000_000 + n},"p":"`;
  return `${head}${'x'.repeat(PAYLOAD_BYTES - head.length - 2)}"}`;
}
