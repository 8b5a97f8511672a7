import type { HubbubConfig } from '@hubbub/config';

/** Room for the members of a body around a content of `limits.max_message_bytes`. */
const ALLOWANCE_BYTES = 4096;

/** Longest body of an HTTP request. */
export function maxBodyBytes({ limits }: HubbubConfig): number {
  return limits.maxMessageBytes + ALLOWANCE_BYTES;
}
