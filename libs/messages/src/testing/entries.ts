import { HubbubError } from '@hubbub/protocol';
import type { MessageStore, Outcome } from '../message-store.js';
import type { DirectAppended, LoggedMessage, NewDirectMessage, NewRoomMessage } from '../messages.js';

/** A room message of Ann's. */
export const post = (roomId: string, content: unknown, over: Partial<NewRoomMessage> = {}): NewRoomMessage => ({
  roomId,
  senderId: 'ann',
  senderName: 'Ann',
  contentJson: JSON.stringify(content),
  ...over,
});

/** A direct message of Ann's. */
export const direct = (targetId: string, content: unknown, over: Partial<NewDirectMessage> = {}): NewDirectMessage => ({
  senderId: 'ann',
  senderName: 'Ann',
  targetId,
  contentJson: JSON.stringify(content),
  ...over,
});

export function stored(outcome: Outcome | undefined): DirectAppended {
  if (outcome === undefined || outcome instanceof HubbubError) throw new Error('not stored', { cause: outcome });
  return { targetSeq: null, ...outcome };
}

export const numbers = (outcomes: readonly Outcome[]): number[] => outcomes.map((outcome) => stored(outcome).seq);
export const contents = (messages: readonly { contentJson: string }[]): unknown[] =>
  messages.map(({ contentJson }) => JSON.parse(contentJson));

/** 1, 2, 3, … */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

/** All that a room keeps; its numbers go from 1 to its head without a gap. */
export async function wholeRoom(store: MessageStore, roomId: string): Promise<LoggedMessage[]> {
  const range = await store.read(roomId, { limit: 1_000_000 });
  expect(range?.messages.map(({ seq }) => seq)).toEqual(upTo(range?.head.seq ?? 0));
  return range?.messages ?? [];
}
