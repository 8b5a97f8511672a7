import { HubbubError, MAX_NESTING, nestsDeeperThan } from '@hubbub/protocol';
import type { ServiceCall } from './service-commands.js';

/**
 * The text of a member of the payload as it came, for what clients are to get to the character.
 * @param value the same, parsed
 * @throws HubbubError MessageTooLarge, InvalidFormat
 */
export function exactText(
  key: string,
  value: unknown,
  { rawMember }: ServiceCall,
  { maxMessageBytes }: { readonly maxMessageBytes: number },
): string {
  const text = rawMember(key) ?? JSON.stringify(value);
  if (Buffer.byteLength(text) > maxMessageBytes) throw new HubbubError('MessageTooLarge');
  // As deep as a frame's, whose envelope takes two levels.
  if (!nestsDeeperThan(text, MAX_NESTING - 2)) return text;
  throw new HubbubError('InvalidFormat', { message: `The ${key} nests deeper than ${MAX_NESTING - 2} levels.` });
}
