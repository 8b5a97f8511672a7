import { isMessageType } from '@hubbub/protocol';

/** A reply whose `data` is JSON text already: sent verbatim, so that every character of stored content comes back. */
export class RawJson {
  /** @param text valid JSON; not checked */
  constructor(readonly text: string) {}
}

/** Returned by a handler that answers in another way, as `close` does by closing. */
export const NoReply = Symbol('hubbub.no-reply');

/**
 * The `data` text of a handler's result or stream item: nothing is `{}`.
 * @throws TypeError for what JSON cannot hold
 */
export function encodeData(value: unknown): string {
  if (value === undefined) return '{}';
  if (value instanceof RawJson) return value.text;
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`a ${typeof value} is not JSON`);
  return text;
}

/**
 * A result that names the type of its reply, in Nest's form: `{ event, data }` and nothing else.
 * @throws TypeError for a name that no envelope can carry
 */
export function namedReply(result: unknown): { readonly event: string; readonly data: unknown } | null {
  if (typeof result !== 'object' || result === null) return null;
  const { event, data } = result as { event?: unknown; data?: unknown };
  if (typeof event !== 'string' || !('data' in result) || Object.keys(result).length !== 2) return null;
  if (!isMessageType(event)) throw new TypeError('the name of a reply is 1 to 64 of A-Z a-z 0-9 _ : . -');
  return { event, data };
}
