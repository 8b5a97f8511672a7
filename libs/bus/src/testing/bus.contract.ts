import { eventSubject, type Subject, syncSubject } from '@hubbub/protocol';
import { Logger } from '@nestjs/common';
import type { Bus } from '../bus.js';

export interface BusFactory {
  /** Two nodes, `a` and `b`, on one broker. */
  make: () => Promise<{ a: Bus; b: Bus; aId: string; bId: string }>;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (payload: Uint8Array) => new TextDecoder().decode(payload);

/** Resolves with the first `count` payloads that `bus` gets on `subject`. */
async function collect(bus: Bus, subject: Subject, count: number) {
  const got: string[] = [];
  let finish: (all: string[]) => void = () => {};
  const all = new Promise<string[]>((resolve) => (finish = resolve));
  const subscription = await bus.subscribe(subject, (payload) => {
    got.push(text(payload));
    if (got.length === count) finish(got);
  });
  return { all, got, subscription };
}

/** What every bus keeps. Each implementation's spec calls it. */
export function describeBusContract(name: string, { make }: BusFactory): void {
  describe(`${name} (contract)`, () => {
    let nodes: Awaited<ReturnType<BusFactory['make']>>;

    // Handlers that throw on purpose are logged.
    beforeAll(() => Logger.overrideLogger(false));
    beforeEach(async () => {
      nodes = await make();
    });
    afterEach(async () => {
      await nodes.a.close();
      await nodes.b.close();
    });

    it('delivers to other nodes and to its own, in the order of the publisher', async () => {
      const subject = eventSubject('room', 'lobby', 'room_message');
      const own = await collect(nodes.a, subject, 200);
      const other = await collect(nodes.b, subject, 200);
      const expected = Array.from({ length: 200 }, (_, n) => String(n));
      for (const payload of expected) await nodes.a.publish(subject, bytes(payload));
      expect(await own.all).toEqual(expected);
      expect(await other.all).toEqual(expected);
    });

    it.each(['a.b', '*', '>', 'a b', '名前', 'a=2E'])('keeps the id %j apart from all others', async (id) => {
      const mine = await collect(nodes.b, eventSubject('user', id, 'moved'), 1);
      const others = ['a', 'b', 'ab', 'a.b.c', 'x'].filter((other) => other !== id);
      for (const other of others) await nodes.a.publish(eventSubject('user', other, 'moved'), bytes('wrong'));
      await nodes.a.publish(eventSubject('user', id, 'moved'), bytes('right'));
      expect(await mine.all).toEqual(['right']);
    });

    it('takes * for one token and a closing > for the rest', async () => {
      const star = await collect(nodes.b, 'hubbub.evt.room.*.room_message' as Subject, 2);
      const rest = await collect(nodes.b, 'hubbub.evt.>' as Subject, 3);
      await nodes.a.publish(eventSubject('room', 'a', 'room_message'), bytes('1'));
      await nodes.a.publish(eventSubject('room', 'a', 'room_joined'), bytes('2'));
      await nodes.a.publish(eventSubject('room', 'b', 'room_message'), bytes('3'));
      expect(await rest.all).toEqual(['1', '2', '3']);
      expect(await star.all).toEqual(['1', '3']);
    });

    it('delivers nothing after unsubscribing, which may be done twice', async () => {
      const subject = syncSubject('test');
      const ended = await collect(nodes.b, subject, 1);
      const live = await collect(nodes.b, subject, 1);
      await ended.subscription.unsubscribe();
      await ended.subscription.unsubscribe();
      await nodes.a.publish(subject, bytes('x'));
      await live.all;
      expect(ended.got).toEqual([]);
    });

    it('is not stopped by a subscriber that throws', async () => {
      const subject = syncSubject('test');
      await nodes.b.subscribe(subject, () => {
        throw new Error('mine alone');
      });
      const live = await collect(nodes.b, subject, 2);
      await nodes.a.publish(subject, bytes('1'));
      await nodes.a.publish(subject, bytes('2'));
      expect(await live.all).toEqual(['1', '2']);
    });

    it('carries any bytes, also many, and does not mind the publisher reusing its own', async () => {
      const subject = syncSubject('test');
      const payload = new Uint8Array(512 * 1024).map((_, n) => n % 251);
      const received = new Promise<Uint8Array>((resolve) => void nodes.b.subscribe(subject, resolve));
      const sent = payload.slice();
      await nodes.a.publish(subject, sent);
      sent.fill(0);
      expect(Buffer.compare(await received, payload)).toBe(0);
    });

    it('gathers the answers of all nodes', async () => {
      const subject = syncSubject('ask');
      await nodes.a.respond(subject, (payload) => bytes(`a:${text(payload)}`));
      await nodes.b.respond(subject, async (payload) => bytes(`b:${text(payload)}`));
      const expected = [nodes.aId, nodes.bId];
      const { answers, missing } = await nodes.a.request(subject, bytes('?'), { deadlineMs: 5000, expected });
      expect(answers.map((answer) => text(answer.payload)).sort()).toEqual(['a:?', 'b:?']);
      expect(missing).toEqual([]);
    });

    it('names the nodes that do not answer, and those whose answer fails', async () => {
      const subject = syncSubject('ask');
      await nodes.a.respond(subject, () => bytes('here'));
      await nodes.b.respond(subject, () => {
        throw new Error('cannot');
      });
      const expected = [nodes.aId, nodes.bId, 'gone'];
      const { answers, missing } = await nodes.a.request(subject, bytes('?'), { deadlineMs: 50, expected });
      expect(answers.map((answer) => answer.nodeId)).toEqual([nodes.aId]);
      expect([...missing].sort()).toEqual(['gone', nodes.bId].sort());
    });

    it('knows its nodes and its health, and refuses to publish once closed', async () => {
      expect([...nodes.a.nodes()].sort()).toEqual([nodes.aId, nodes.bId].sort());
      expect(nodes.a.health().status).toBe('up');
      await nodes.a.close();
      await nodes.a.close();
      expect(nodes.a.health().status).toBe('down');
      await expect(nodes.a.publish(syncSubject('test'), bytes('x'))).rejects.toMatchObject({ name: 'ServerError' });
    });
  });
}
