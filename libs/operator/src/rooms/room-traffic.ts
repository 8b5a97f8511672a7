interface Posts {
  count: number;
}

const WINDOW_MS = 60_000;
/** Rooms that are counted in a minute: a bound of the memory, some 20 MB at the very most. */
const MAX_ROOMS = 100_000;

/**
 * How many messages a second were posted to each room over the last minute: a sliding window of two counts, that of the running
 * minute and as much of the one before as the minute still lacks. Nothing is kept of rooms that were quiet for two minutes. Pure:
 * the caller says what time it is.
 */
export class RoomTraffic {
  private running = new Map<string, Posts>();
  private before = new Map<string, Posts>();
  private since = 0;

  constructor(private readonly maxRooms = MAX_ROOMS) {}

  /** @param now ms of any clock that goes on, as below */
  count(roomId: string, now: number): void {
    if (now >= this.since + WINDOW_MS) this.turn(now);
    const posts = this.running.get(roomId);
    if (posts !== undefined) posts.count++;
    else if (this.running.size < this.maxRooms) this.running.set(roomId, { count: 1 });
  }

  /** Messages a second. */
  rate(roomId: string, now: number): number {
    this.turn(now);
    const left = 1 - (now - this.since) / WINDOW_MS;
    const count = (this.running.get(roomId)?.count ?? 0) + left * (this.before.get(roomId)?.count ?? 0);
    return (count * 1000) / WINDOW_MS;
  }

  /** Rooms that may have a rate. */
  *rooms(now: number): Iterable<string> {
    this.turn(now);
    yield* this.running.keys();
    for (const roomId of this.before.keys()) if (!this.running.has(roomId)) yield roomId;
  }

  private turn(now: number): void {
    const windows = Math.floor((now - this.since) / WINDOW_MS);
    if (windows < 1) return;
    this.before = windows === 1 ? this.running : new Map();
    this.running = new Map();
    this.since += windows * WINDOW_MS;
  }
}
