/** Frames that one connection may have handled in a row, before everybody else has a turn. */
export const FRAMES_A_TURN = 64;

/** Something that can be told to hand out one frame a turn instead of all that it has read. */
export interface Paced {
  isSlowed: boolean;
}

const slowed: Paced[] = [];

/**
 * Slows `reader` until the end of this turn of the event loop. One read may hold 10,000 small frames: handled in a row
 * they would hold up every other connection of the node. One callback for all who are slowed.
 */
export function yieldTurn(reader: Paced): void {
  if (slowed.push(reader) === 1) setImmediate(release);
  reader.isSlowed = true;
}

function release(): void {
  for (const reader of slowed) reader.isSlowed = false;
  slowed.length = 0;
}
