import type { Envelope, MessageId } from '@hubbub/protocol';

/**
 * How a kind of client writes commands and reads pushes. One file each: a dialect turns frames into commands and pushes
 * into frames, and inherits rooms, permissions, limits, metrics and recovery. Stateless: one instance serves all connections.
 */
export interface Dialect {
  /** Subprotocol that picks it, and that is selected in the handshake. */
  readonly subprotocol: string;
  /** Path of its own; without one it is served on `server.ws_path`. */
  readonly path?: string;
  /** @throws EnvelopeError for a frame that is no command */
  decode(text: string): Envelope;
  /**
   * One outbound message: the payload of a text frame.
   * @param dataJson JSON text of `data`
   * @param requestId of the command that is answered; undefined for pushes and for answers to commands without an id
   */
  encode(messageType: string, dataJson: string, requestId: MessageId | undefined): string;
}

/** Subprotocols that start so carry a token instead of naming a dialect, as browsers cannot set headers. */
export const BEARER_SUBPROTOCOL = 'bearer.';

/**
 * The dialect for a path and the subprotocols offered there, bearer ones left out.
 * @returns null if `path` is not served; undefined if it is, but in none of the subprotocols offered
 */
export function pickDialect(
  dialects: readonly Dialect[],
  path: string,
  offered: readonly string[],
  wsPath: string,
): Dialect | null | undefined {
  const served = dialects.filter((dialect) => (dialect.path ?? wsPath) === path);
  if (served.length === 0) return null;
  if (offered.length === 0) return served[0];
  return served.find((dialect) => offered.includes(dialect.subprotocol));
}
