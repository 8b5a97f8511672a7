import { eventSubject, type Subject, syncSubject } from '@hubbub/protocol';
import { Logger } from '@nestjs/common';
import type { Bus } from '../bus.js';
import { describeBusOutages } from './bus-outage.contract.js';
import { type BusPair, bytes, collect, serverError, text } from './bus-pair.js';

/** How an implementation differs from the others, and what of the suite therefore does not apply. */
export interface BusTraits {
  /** The broker is a process of its own that can be stopped: `BusPair.broker`. */
  readonly canBeAway: boolean;
  /** It can be paused: `BusPair.broker`. */
  readonly canBePaused: boolean;
}

export interface BusFactory {
  /** Two nodes on one broker. Called for each test; they are closed after it. */
  make(this: void): Promise<BusPair>;
  readonly traits: BusTraits;
}

/** What every bus keeps. Each implementation's spec calls it. */
export function describeBusContract(name: string, { make, traits }: BusFactory): void {
  describe(`${name} (contract)`, () => {
    let nodes: BusPair;
    let a: Bus;
    let b: Bus;

    // Handlers that throw on purpose are logged.
    beforeAll(() => Logger.overrideLogger(false));
    beforeEach(async () => {
      nodes = await make();
      ({ a, b } = nodes);
    });
    afterEach(async () => {
      await a.close();
      await b.close();
    });

    it('delivers to other nodes and to its own, in the order of the publisher', async () => {
      const subject = eventSubject('room', 'lobby', 'room_message');
      const own = await collect(a, subject, 2000);
      const other = await collect(b, subject, 2000);
      const expected = Array.from({ length: 2000 }, (_, n) => String(n));
      for (const payload of expected) a.publish(subject, bytes(payload));
      expect(await own.all).toEqual(expected);
      expect(await other.all).toEqual(expected);
    });

    it('keeps the order of each of two publishers', async () => {
      const subject = syncSubject('test');
      const { all } = await collect(b, subject, 400);
      for (let n = 0; n < 200; n++) {
        a.publish(subject, bytes(`a${n}`));
        b.publish(subject, bytes(`b${n}`));
        if (n % 20 === 0) await new Promise(setImmediate);
      }
      const got = await all;
      for (const from of ['a', 'b']) {
        const expected = Array.from({ length: 200 }, (_, n) => `${from}${n}`);
        expect(got.filter((payload) => payload.startsWith(from))).toEqual(expected);
      }
    });

    it.each(['a.b', '*', '>', 'a b', '名前', 'a=2E', '?', '[a]', '\\'])(
      'keeps the id %j apart from all others',
      async (id) => {
        const mine = await collect(b, eventSubject('user', id, 'moved'), 1);
        const others = ['a', 'b', 'ab', 'a.b.c', 'x', 'a?'].filter((other) => other !== id);
        for (const other of others) a.publish(eventSubject('user', other, 'moved'), bytes('wrong'));
        a.publish(eventSubject('user', id, 'moved'), bytes('right'));
        expect(await mine.all).toEqual(['right']);
      },
    );

    it('takes * for one token and a closing > for the rest, each subscription for itself', async () => {
      const star = await collect(b, 'hubbub.evt.room.*.room_message' as Subject, 2);
      const two = await collect(b, 'hubbub.evt.*.*.room_message' as Subject, 2);
      const short = await collect(b, 'hubbub.evt.*' as Subject, 1);
      const rest = await collect(b, 'hubbub.evt.>' as Subject, 6);
      const marks = await collect(b, 'hubbub.evt.room.*.x?[y]' as Subject, 1);
      a.publish(eventSubject('room', 'a', 'room_message'), bytes('1'));
      a.publish(eventSubject('room', 'a', 'room_joined'), bytes('2'));
      a.publish(eventSubject('room', 'b', 'room_message'), bytes('3'));
      a.publish('hubbub.evt.room.a.b.room_message' as Subject, bytes('4'));
      a.publish('hubbub.evt.room.a.xxy' as Subject, bytes('5'));
      a.publish('hubbub.evt.room.a.x?[y]' as Subject, bytes('6'));
      expect(await rest.all).toEqual(['1', '2', '3', '4', '5', '6']);
      expect(await star.all).toEqual(['1', '3']);
      expect(await two.all).toEqual(['1', '3']);
      expect(await marks.all).toEqual(['6']);
      expect(short.got).toEqual([]);
    });

    it('delivers nothing from unsubscribing on, which may be done twice', async () => {
      const subject = syncSubject('test');
      const ended = await collect(b, subject, 1);
      const live = await collect(b, subject, 1);
      await ended.subscription.unsubscribe();
      await ended.subscription.unsubscribe();
      a.publish(subject, bytes('x'));
      await live.all;
      expect(ended.got).toEqual([]);
    });

    it('has subjects come and go, also the same one again at once', async () => {
      const subject = (n: number) => syncSubject(`room.${n % 10}`);
      for (let n = 0; n < 50; n++) {
        const { subscription } = await collect(b, subject(n), 1);
        void subscription.unsubscribe();
      }
      const again = await collect(b, subject(3), 1);
      const other = await collect(b, subject(4), 1);
      a.publish(subject(3), bytes('3'));
      a.publish(subject(4), bytes('4'));
      expect([await again.all, await other.all]).toEqual([['3'], ['4']]);
    });

    it('is not stopped by a subscriber that throws', async () => {
      const subject = syncSubject('test');
      await b.subscribe(subject, () => {
        throw new Error('mine alone');
      });
      const live = await collect(b, subject, 2);
      a.publish(subject, bytes('1'));
      a.publish(subject, bytes('2'));
      expect(await live.all).toEqual(['1', '2']);
    });

    it('carries any bytes, none and as many as it says, and refuses more', async () => {
      const subject = syncSubject('test');
      const received: Uint8Array[] = [];
      const both = new Promise<void>((resolve) => {
        void b.subscribe(subject, (payload) => {
          if (received.push(payload) === 2) resolve();
        });
      });
      await collect(b, syncSubject('other'), 1);
      const payload = new Uint8Array(a.maxPayloadBytes).map((_, n) => n % 251);
      a.publish(subject, new Uint8Array());
      a.publish(subject, payload);
      await both;
      expect(received[0]).toHaveLength(0);
      expect(Buffer.compare(received[1] as Uint8Array, payload)).toBe(0);
      expect(() => a.publish(subject, new Uint8Array(a.maxPayloadBytes + 1))).toThrow(
        expect.objectContaining({ name: 'MessageTooLarge' }),
      );
    });

    it('gathers the answers of all nodes', async () => {
      const subject = syncSubject('ask');
      await a.respond(subject, (payload) => bytes(`a:${text(payload)}`));
      await b.respond(subject, async (payload) => bytes(`b:${text(payload)}`));
      const expected = [nodes.aId, nodes.bId];
      const ask = (from: Bus, question: string) =>
        from.request(subject, bytes(question), { deadlineMs: 5000, expected });
      const asked = await Promise.all([ask(a, '1'), ask(a, '2'), ask(b, '3')]);
      for (const [n, { answers, missing }] of asked.entries()) {
        expect(answers.map((answer) => text(answer.payload)).sort()).toEqual([`a:${n + 1}`, `b:${n + 1}`]);
        expect(missing).toEqual([]);
      }
    });

    it('asks and answers with as many bytes as it says', async () => {
      const subject = syncSubject('ask');
      await b.respond(subject, (payload) => payload);
      const payload = new Uint8Array(a.maxPayloadBytes).fill(7);
      const { answers } = await a.request(subject, payload, { deadlineMs: 5000, expected: [nodes.bId] });
      expect(Buffer.compare(answers[0]?.payload as Uint8Array, payload)).toBe(0);
      await expect(
        a.request(subject, new Uint8Array(a.maxPayloadBytes + 1), { deadlineMs: 5000, expected: [nodes.bId] }),
      ).rejects.toMatchObject({ name: 'MessageTooLarge' });
    });

    it('names the nodes that do not answer in time', async () => {
      const subject = syncSubject('ask');
      await a.respond(subject, () => bytes('here'));
      await b.respond(subject, () => new Promise(() => {}));
      const expected = [nodes.aId, nodes.bId, 'gone'];
      const { answers, missing } = await a.request(subject, bytes('?'), { deadlineMs: 100, expected });
      expect(answers.map((answer) => answer.nodeId)).toEqual([nodes.aId]);
      expect([...missing].sort()).toEqual(['gone', nodes.bId].sort());
    });

    it('does not wait for a node whose answer fails', async () => {
      const subject = syncSubject('ask');
      await a.respond(subject, () => {
        throw new Error('cannot');
      });
      await b.respond(subject, (_payload) => new Uint8Array(b.maxPayloadBytes + 1));
      const expected = [nodes.aId, nodes.bId];
      const asked = await a.request(subject, bytes('?'), { deadlineMs: 3_600_000, expected });
      expect(asked).toEqual({ answers: [], missing: expected });
    });

    it('answers no more once it has stopped responding', async () => {
      const subject = syncSubject('ask');
      await a.respond(subject, () => bytes('a'));
      const ending = await b.respond(subject, () => bytes('b'));
      await ending.unsubscribe();
      const { missing } = await a.request(subject, bytes('?'), { deadlineMs: 50, expected: [nodes.aId, nodes.bId] });
      expect(missing).toEqual([nodes.bId]);
    });

    it('once closed, is down and refuses; what was asked ends, and nothing is delivered', async () => {
      const subject = syncSubject('test');
      const own = await collect(a, subject, 1);
      const other = await collect(b, subject, 2);
      await b.respond(syncSubject('ask'), () => new Promise(() => {}));
      const asked = a.request(syncSubject('ask'), bytes('?'), { deadlineMs: 3_600_000, expected: [nodes.bId] });
      const ended = asked.then(
        () => 'answered',
        (error: unknown) => error,
      );
      expect(a.health().status).toBe('up');
      // What it published before still leaves.
      a.publish(subject, bytes('last'));
      const closing = a.close();
      b.publish(subject, bytes('late'));
      await Promise.all([closing, a.close()]);
      expect(await ended).toMatchObject(serverError);
      expect([...(await other.all)].sort()).toEqual(['last', 'late']);
      expect(own.got).toEqual([]);
      expect(a.health().status).toBe('down');
      expect(() => a.publish(subject, bytes('x'))).toThrow(expect.objectContaining(serverError));
      await expect(a.subscribe(subject, () => {})).rejects.toMatchObject(serverError);
      await expect(a.request(subject, bytes('x'), { deadlineMs: 1, expected: [] })).rejects.toMatchObject(serverError);
    });

    describeBusOutages(() => nodes, traits);
  });
}
