import { HubbubError } from '@hubbub/protocol';
import fc from 'fast-check';
import { SeatBook } from './seat-book.js';
import type { SeatOp, SeatOutcome } from './seat-decisions.js';

const ROOM = 'r';
const CAPACITY = 2;

/** A node's book, the seats that are stored, and who believes to be in. */
class World {
  readonly book = new SeatBook();
  readonly stored = new Set<string>();
  /** Uses of those who were let in. */
  readonly inside = new Map<string, number>();
  waiting = 0;
  private version = 0;
  /** Kicks that this node was not told of yet. */
  private readonly kicks: { readonly userId: string; readonly version: number }[] = [];

  take(userId: string): void {
    const taken = this.book.take({ roomId: ROOM, userId, username: userId, epoch: 'e', maxClients: 0, admin: false });
    if (typeof taken === 'number') return this.enter(userId);
    this.waiting++;
    void taken
      .then(
        () => this.enter(userId),
        () => undefined,
      )
      .finally(() => this.waiting--);
  }

  leave(userId: string): void {
    const uses = this.inside.get(userId) ?? 0;
    if (uses === 0) return;
    this.inside.set(userId, uses - 1);
    this.book.release(ROOM, userId);
  }

  /** One transaction: it is stored, or fails; `before` whoever waits for it is told so, or that it failed. */
  async store({ isStored, isTold }: { isStored: boolean; isTold: boolean }, before?: () => void): Promise<void> {
    const batch = this.book.next(9);
    const outcomes = isStored ? batch.map(({ op }) => this.decide(op)) : [];
    before?.();
    if (isStored && isTold) for (const { userId } of this.book.settle(batch, outcomes)) this.leaveAll(userId);
    else this.book.fail(batch, new HubbubError('ServerError'));
    await this.turn();
  }

  kick(userId: string): void {
    if (this.stored.delete(userId)) this.kicks.push({ userId, version: ++this.version });
  }

  kickAndTell(userId: string): void {
    this.kick(userId);
    this.hearOfKicks();
  }

  hearOfKicks(): void {
    for (const { userId, version } of this.kicks.splice(0)) {
      if (this.book.removed(ROOM, userId, version)) this.leaveAll(userId);
    }
  }

  read(): void {
    for (const userId of this.book.compare(ROOM, this.stored)) this.leaveAll(userId);
  }

  /** The node is taken for dead, and comes back. */
  die(): void {
    this.stored.clear();
    this.book.retakeAll();
  }

  async settle(): Promise<void> {
    this.hearOfKicks();
    while (this.book.hasWork) await this.store({ isStored: true, isTold: true });
  }

  get members(): string[] {
    return [...this.inside].filter(([, uses]) => uses > 0).map(([userId]) => userId);
  }

  /** Whoever was let in is known to be by now. */
  private turn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  private enter(userId: string): void {
    this.inside.set(userId, (this.inside.get(userId) ?? 0) + 1);
  }

  private leaveAll(userId: string): void {
    while ((this.inside.get(userId) ?? 0) > 0) this.leave(userId);
  }

  private decide({ kind, userId }: SeatOp): SeatOutcome {
    if (kind === 'release') {
      if (this.stored.delete(userId)) this.version++;
    } else if (!this.stored.has(userId)) {
      if (this.stored.size >= CAPACITY) return new HubbubError('RoomFull');
      this.stored.add(userId);
      this.version++;
    }
    return { version: this.version, joinedAt: 1 };
  }
}

describe('the seats that a node wants and has', () => {
  it('come to be the same, whoever comes, goes and is kicked, and whatever fails', async () => {
    const user = fc.constantFrom('ann', 'bob', 'cid');
    const step = fc.oneof(
      fc.record({ kind: fc.constantFrom('take', 'leave', 'kick', 'race'), user }),
      fc.record({ kind: fc.constantFrom('store', 'lose', 'fail', 'hear', 'read', 'die'), user: fc.constant('') }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const world = new World();
        for (const { kind, user: userId } of steps) {
          if (kind === 'take') world.take(userId);
          else if (kind === 'leave') world.leave(userId);
          else if (kind === 'kick') world.kick(userId);
          else if (kind === 'store') await world.store({ isStored: true, isTold: true });
          else if (kind === 'race')
            await world.store({ isStored: true, isTold: true }, () => world.kickAndTell(userId));
          else if (kind === 'lose') await world.store({ isStored: true, isTold: false });
          else if (kind === 'fail') await world.store({ isStored: false, isTold: false });
          else if (kind === 'hear') world.hearOfKicks();
          else if (kind === 'read') world.read();
          else world.die();
        }
        await world.settle();
        expect(world.waiting).toBe(0);
        expect(world.members.sort()).toEqual([...world.stored].sort());
        expect(world.members.every((userId) => world.book.holds(ROOM, userId))).toBe(true);
        for (const userId of world.members) while (world.members.includes(userId)) world.leave(userId);
        await world.settle();
        expect([world.stored.size, world.book.size]).toEqual([0, 0]);
      }),
      { numRuns: 300 },
    );
  });

  it('stay with one who came back since the kick of which this node hears late', async () => {
    const world = new World();
    const stored = { isStored: true, isTold: true };
    world.take('ann');
    await world.store(stored);
    world.kick('ann');
    world.read();
    world.take('ann');
    await world.store(stored);
    world.hearOfKicks();
    expect([world.members, [...world.stored], world.book.holds(ROOM, 'ann')]).toEqual([['ann'], ['ann'], true]);
  });

  it('are taken by one op however many come at once, and by none where one who went is back in time', () => {
    const world = new World();
    for (const user of ['ann', 'ann', 'bob']) world.take(user);
    const batch = world.book.next(9);
    expect(batch.map(({ op }) => `${op.kind} ${op.userId}`)).toEqual(['take ann', 'take bob']);
    world.book.settle(batch, [
      { version: 1, joinedAt: 1 },
      { version: 1, joinedAt: 1 },
    ]);
    world.book.release(ROOM, 'bob');
    expect(
      world.book.take({ roomId: ROOM, userId: 'bob', username: 'bob', epoch: 'e', maxClients: 0, admin: false }),
    ).toBe(1);
    expect(world.book.next(9)).toEqual([]);
  });
});
