import type { CommandError } from '@hubbub/client';
import type { DirectMessage, Member, Room, RoomRole } from '@hubbub/protocol';
import type { ReadonlySignal } from '@preact/signals';

/** A room in the lists of the page. */
export interface RoomEntry {
  readonly room: Room;
  /** Entered by this person in this browser: joined whenever the page is open. */
  readonly entered: boolean;
  /** Messages of others since the read marker; 0 where there is none. */
  readonly unread: number;
  /** Of whoever is signed in, as far as it is known. */
  readonly role: RoomRole;
}

/** Somebody with whom direct messages were exchanged, or are about to be. */
export interface DirectEntry {
  readonly userId: string;
  readonly username: string;
  readonly unread: number;
  /** The latest message either wrote; null before the first. */
  readonly last: DirectMessage | null;
}

/** How a person is, as he says it himself. `text` is what he wrote beside it. */
export interface OwnState {
  readonly status: 'online' | 'away' | 'busy';
  readonly text?: string;
  /** He is away because nobody touches this device, and did not say so: another of his knows better. */
  readonly idle?: true;
}

/** Who is signed in, as a conversation needs it. */
export interface Me {
  readonly userId: string;
  readonly username: string;
  /** What `set_presence` has to carry beside what a room adds, as a state is replaced as a whole: `{ ...me.state(), typing: true }`. */
  state(): Record<string, unknown>;
}

/** What the page needs of one conversation; `conversation/conversation.ts` is it. */
export interface OpenConversation {
  readonly unread: ReadonlySignal<number>;
  readonly members: ReadonlySignal<readonly Member[]>;
  readonly error: ReadonlySignal<CommandError | null>;
  /** Whether it is on the screen of a visible page: then what is seen is marked as read. */
  active: boolean;
  open(): Promise<void>;
  dispose(): void;
}
