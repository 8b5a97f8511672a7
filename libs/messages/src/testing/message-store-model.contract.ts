import type { OpenDatabase } from '@hubbub/storage/testing';
import fc from 'fast-check';
import { Blocks } from '../blocks.js';
import { IDEMPOTENCY_KEPT_MS, isRoomEntry, type NewEntry } from '../message-store.js';
import { direct, post } from './entries.js';
import { LogModel } from './log-model.js';
import { StoresUnderTest } from './stores-under-test.js';

/** One thing that happens. */
type Step =
  | { readonly batch: readonly NewEntry[]; readonly node: 0 | 1; readonly laterMs: number }
  | { readonly userId: string; readonly blockedId: string; readonly blocked: boolean }
  | { readonly remake: string };

const users = ['ann', 'Ann', 'ann ', "o'neil", '√2\\'];
const user = fc.constantFrom(...users);
const key = fc.constantFrom(undefined, undefined, 'k', 'K', 'k ', '\u0000', 'ä');
const content = fc.oneof(fc.json(), fc.constantFrom('"\\u0000\\ud800"', '1.0', '"\u{1f600}\u2028\\\\\\""'));
const keyed = (idempotencyKey: string | undefined) => (idempotencyKey === undefined ? {} : { idempotencyKey });

const entry: fc.Arbitrary<NewEntry> = fc.oneof(
  fc
    .tuple(fc.constantFrom('a', 'b', 'nowhere'), user, content, key)
    .map(([roomId, senderId, contentJson, name]) => post(roomId, null, { senderId, contentJson, ...keyed(name) })),
  fc
    .tuple(user, user, content, key)
    .map(([targetId, senderId, contentJson, name]) =>
      direct(targetId, null, { senderId, contentJson, ...keyed(name) }),
    ),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      batch: fc.array(entry, { minLength: 1, maxLength: 12 }),
      node: fc.constantFrom(0, 1),
      laterMs: fc.constantFrom(0, 1, IDEMPOTENCY_KEPT_MS - 1, IDEMPOTENCY_KEPT_MS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ userId: user, blockedId: user, blocked: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ remake: fc.constantFrom('a', 'b') }) },
);

/** Whatever happens, a store answers and keeps the same as a few lines over arrays. */
export function describeMessageStoreModel(name: string, open: OpenDatabase): void {
  describe(`${name} beside a model of a MessageStore`, () => {
    const under = new StoresUnderTest(open);

    it('answers and keeps the same', async () => {
      let runs = 0;
      const property = fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        // Names of their own, so that runs can share the tables.
        const run = new Run(under, `r${runs++}-`, await under.store.inboxEpoch());
        await run.follow(steps);
        expect(run.answers).toEqual(run.expected);
      });
      await fc.assert(property, { numRuns: 50 });
    }, 120_000);
  });
}

class Run {
  private readonly model: LogModel;
  private now = 1000;
  /** What the store said and keeps, and what the model does. */
  readonly answers: unknown[] = [];
  readonly expected: unknown[] = [];

  constructor(
    private readonly under: StoresUnderTest,
    private readonly prefix: string,
    inboxEpoch: string,
  ) {
    this.model = new LogModel(inboxEpoch);
  }

  async follow(steps: readonly Step[]): Promise<void> {
    await this.make('a');
    for (const each of steps) await this.take(each);
    await this.read();
  }

  private async take(each: Step): Promise<void> {
    if ('remake' in each) await this.make(each.remake);
    else if ('batch' in each) await this.append(each);
    else {
      const [userId, blockedId] = [this.prefix + each.userId, this.prefix + each.blockedId];
      await new Blocks(this.under.database).set(userId, blockedId, each.blocked);
      this.model.block(userId, blockedId, each.blocked);
    }
  }

  private async append({ batch, node, laterMs }: Extract<Step, { batch: unknown }>): Promise<void> {
    this.now += laterMs;
    const named = batch.map((each) => this.named(each));
    this.answers.push(await [this.under.store, this.under.other][node]?.append(named, this.now));
    this.expected.push(this.model.append(named, this.now));
  }

  private async make(name: string): Promise<void> {
    const roomId = this.prefix + name;
    if (this.model.rooms.has(roomId)) await this.under.removeRoom(roomId);
    await this.under.createRoom(roomId, `epoch ${this.now}`);
    this.model.make(roomId, `epoch ${this.now}`);
  }

  private async read(): Promise<void> {
    const { store } = this.under;
    for (const [roomId, { epoch, messages }] of this.model.rooms) {
      const head = { epoch, seq: messages.length, floor: 0 };
      this.answers.push(await store.read(roomId, { limit: 1000 }));
      this.expected.push({ head, messages });
    }
    for (const name of users) {
      const messages = this.model.inboxes.get(this.prefix + name)?.messages ?? [];
      this.answers.push(await store.readInbox(this.prefix + name, { limit: 1000 }));
      this.expected.push({ seq: messages.length, messages, hasMore: false });
    }
  }

  private named(each: NewEntry): NewEntry {
    const senderId = this.prefix + each.senderId;
    return isRoomEntry(each)
      ? { ...each, senderId, roomId: this.prefix + each.roomId }
      : { ...each, senderId, targetId: this.prefix + each.targetId };
  }
}
