import { syncSubject } from '@hubbub/protocol';
import type { BusTraits } from './bus.contract.js';
import type { BrokerControl, BusPair } from './bus-pair.js';
import { bytes, collect, reconnected, serverError, text, until } from './bus-pair.js';

const subject = syncSubject('test');

const broker = (nodes: () => BusPair) => nodes().broker as BrokerControl;

/** What every bus keeps while its broker is away, paused or overwhelmed; nothing where there is none to do that to. */
export function describeBusOutages(nodes: () => BusPair, { canBeAway, canBePaused }: BusTraits): void {
  if (canBeAway) describeAway(nodes);
  if (canBePaused) describePaused(nodes);
}

function describeAway(nodes: () => BusPair): void {
  describe('while the broker is away', () => {
    it('says so, keeps its subscriptions, and tells when it is back', async () => {
      const { a, b } = nodes();
      const kept = await collect(b, subject, 1);
      await broker(nodes).stop();
      await until(() => a.health().status === 'down' && b.health().status === 'down');
      expect(() => a.publish(subject, bytes('lost'))).toThrow(expect.objectContaining(serverError));
      const made = await collect(b, syncSubject('made'), 1);
      const gone = await collect(b, syncSubject('gone'), 1);
      await gone.subscription.unsubscribe();

      const back = Promise.all([reconnected(a), reconnected(b)]);
      await broker(nodes).start();
      await back;
      expect([a.health().status, b.health().status]).toEqual(['up', 'up']);
      a.publish(subject, bytes('kept'));
      a.publish(syncSubject('gone'), bytes('gone'));
      a.publish(syncSubject('made'), bytes('made'));
      expect([await kept.all, await made.all, gone.got]).toEqual([['kept'], ['made'], []]);
    });

    it('answers itself at once, and names all others', async () => {
      const { a, b, aId, bId } = nodes();
      await a.respond(subject, () => bytes('a'));
      await b.respond(subject, () => bytes('b'));
      await broker(nodes).stop();
      await until(() => a.health().status === 'down');
      const asked = await a.request(subject, bytes('?'), { deadlineMs: 3_600_000, expected: [aId, bId] });
      expect(asked.answers.map(({ payload }) => text(payload))).toEqual(['a']);
      expect(asked.missing).toEqual([bId]);
      const back = Promise.all([reconnected(a), reconnected(b)]);
      await broker(nodes).start();
      await back;
      expect((await a.request(subject, bytes('?'), { deadlineMs: 5000, expected: [aId, bId] })).missing).toEqual([]);
    });

    it('can be closed', async () => {
      const { a } = nodes();
      await broker(nodes).stop();
      await until(() => a.health().status === 'down');
      await a.close();
      await broker(nodes).start();
      expect(a.health().status).toBe('down');
    });
  });
}

function describePaused(nodes: () => BusPair): void {
  describe('while the broker is paused', () => {
    afterEach(() => broker(nodes).resume());

    it('holds nobody up, says that it is degraded, and delivers in order afterwards', async () => {
      const { a, b } = nodes();
      const all = await collect(b, subject, 3);
      broker(nodes).pause();
      a.publish(subject, bytes('1'));
      const made = await collect(b, syncSubject('made'), 1);
      a.publish(subject, bytes('2'));
      await until(() => a.health().status === 'degraded' && b.health().status === 'degraded');
      a.publish(subject, bytes('3'));
      const back = Promise.all([reconnected(a), reconnected(b)]);
      broker(nodes).resume();
      await back;
      expect(a.health().status).toBe('up');
      expect(await all.all).toEqual(['1', '2', '3']);
      a.publish(syncSubject('made'), bytes('made'));
      expect(await made.all).toEqual(['made']);
    });

    it('takes only so much, and what it took arrives in order', async () => {
      const { a, b } = nodes();
      const got: number[] = [];
      let last = Number.POSITIVE_INFINITY;
      const view = (payload: Uint8Array) => new DataView(payload.buffer, payload.byteOffset).getUint32(0);
      const finished = new Promise<void>((resolve) => {
        void b.subscribe(subject, (payload) => {
          got.push(view(payload));
          if (got.at(-1) === last) resolve();
        });
      });
      await collect(b, syncSubject('other'), 1);
      broker(nodes).pause();
      const size = 16 * 1024;
      let taken = 0;
      const publish = () => {
        const payload = new Uint8Array(size);
        new DataView(payload.buffer).setUint32(0, taken);
        a.publish(subject, payload);
        taken++;
      };
      const overwhelm = () => {
        for (let n = 0; n < 10_000; n++) publish();
      };
      expect(overwhelm).toThrow(expect.objectContaining(serverError));
      expect(taken * size).toBeLessThan(32 * 1024 * 1024);
      broker(nodes).resume();
      // The first that is taken again is the last of all.
      for (let again = false; !again; await new Promise(setImmediate)) {
        try {
          const number = taken;
          publish();
          last = number;
          again = true;
        } catch {
          // Not yet.
        }
      }
      if (got.at(-1) !== last) await finished;
      expect(got).toEqual(Array.from({ length: taken }, (_, n) => n));
    });
  });
}
