import { HubbubError } from '@hubbub/protocol';

/** @throws HubbubError MessageTooLarge */
export function assertFits(payload: Uint8Array, maxBytes: number): void {
  if (payload.length <= maxBytes) return;
  throw new HubbubError('MessageTooLarge', { message: `The bus carries at most ${maxBytes} bytes at once.` });
}
