/** What a tab and the hub say to each other over a port. */

/** Two sides with different numbers do not understand each other: the tab then looks for another hub. */
export const TABS_VERSION = 1;

/** What is used of a port: a MessagePort is one, and so is a BroadcastChannel that two sides have for themselves. */
export interface PortLike {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  /** The other side is gone: not every browser says so, and a BroadcastChannel never. */
  addEventListener(type: 'close', listener: () => void): void;
  start?(): void;
  close(): void;
}

export type FromTab =
  /** The first message, once the hub has said `hello`. `lock`: free again when the tab is gone. */
  | { readonly type: 'open'; readonly url: string; readonly protocols: readonly string[]; readonly lock?: string }
  | { readonly type: 'frame'; readonly text: string }
  /** The tab has dealt with frames of this length. */
  | { readonly type: 'taken'; readonly length: number }
  /** Without a code: given up, not ended. */
  | { readonly type: 'close'; readonly code?: number };

export type FromHub =
  /** `lock`: free again when the hub is gone. */
  | { readonly type: 'hello'; readonly version: number; readonly lock?: string }
  | { readonly type: 'frame'; readonly text: string }
  /** `alone`: what this tab asks for cannot be shared; it is to have a connection of its own. */
  | { readonly type: 'closed'; readonly code: number; readonly reason: string; readonly alone?: true };

/** A frame of the protocol, in either direction, as far as it is looked at here. */
export interface Command {
  readonly message_type: string;
  readonly message_id?: number | string;
  readonly data?: unknown;
}

/** The members of `data`; none if it is no object. */
export function fieldsOf(data: unknown): Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
}

/** 32 characters. */
export function newName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
