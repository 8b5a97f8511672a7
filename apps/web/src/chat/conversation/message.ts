import type { DirectMessage, RoomMessage } from '@hubbub/protocol';

/** A message of a room or of an inbox, as far as a conversation shows it. */
export type Message = Pick<DirectMessage, 'sender_id' | 'sender_name' | 'content' | 'timestamp'> &
  Pick<RoomMessage, 'seq' | 'redacted' | 'ephemeral'>;

/** Messages in a row, oldest first, as the history gives them. */
export interface Page {
  readonly messages: readonly Message[];
  /** Beyond them, in the direction that was asked for. */
  readonly has_more: boolean;
}
