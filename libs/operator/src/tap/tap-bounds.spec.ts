import type { TapItem } from '@hubbub/protocol';
import type { Seen } from './tap-item.js';
import { TapSource } from './tap-source.js';
import { TapStream } from './tap-stream.js';

const SPEC = { id: 't', nodeId: 'n1', roomId: 'lobby', sample: 1, content: false };
const SEEN: Seen = { direction: 'event', type: 'room_message', bytes: 1 };

describe('what a node sees for a tap', () => {
  it('is fifty items a second, and says how many it left out; those are not even composed', () => {
    let ready = 0;
    let composed = 0;
    const source = new TapSource(SPEC, 'n1', () => ready++, 0);
    const compose = () => {
      composed++;
      return SEEN;
    };
    for (let n = 0; n < 5000; n++) source.see(compose, 0);
    expect([source.take().length, composed, ready]).toEqual([50, 50, 1]);
    source.see(compose, 1000);
    expect([source.take(), ready]).toEqual([[expect.objectContaining({ node_id: 'n1', skipped: 4950 })], 2]);
    source.see(compose, 1001);
    expect(source.take()[0]).not.toHaveProperty('skipped');
  });

  it('is a sample of it', () => {
    const source = new TapSource({ ...SPEC, sample: 0.25 }, 'n1', () => {}, 0);
    for (const drawn of [0.1, 0.24, 0.25, 0.9])
      source.see(
        () => SEEN,
        0,
        () => drawn,
      );
    expect(source.take()).toHaveLength(2);
  });
});

describe('the stream of a tap', () => {
  const item = (at: number, more: Partial<TapItem> = {}): TapItem => ({ ...SEEN, at, node_id: 'n1', ...more });

  it('is bounded over all nodes, and adds up what each left out', async () => {
    const stream = new TapStream(() => {}, 0);
    for (let n = 0; n < 60; n++) stream.add(item(n, n === 55 ? { skipped: 7 } : {}), 0);
    for (let n = 0; n < 50; n++) expect((await stream.next()).value).toEqual(item(n));
    stream.add(item(100, { skipped: 2 }), 1000);
    expect((await stream.next()).value).toEqual(item(100, { skipped: 10 + 7 + 2 }));
  });

  it('keeps a hundred for a connection that does not take them', async () => {
    const stream = new TapStream(() => {}, 0);
    for (let second = 0; second < 60; second++) for (let n = 0; n < 50; n++) stream.add(item(n), second * 1000);
    stream.end();
    let read = 0;
    for await (const _ of stream) read++;
    expect(read).toBe(100);
  });

  it('ends once, whoever ends it, and wakes its reader', async () => {
    let ends = 0;
    const stream = new TapStream(() => ends++, 0);
    const next = stream.next();
    await stream.return();
    stream.end();
    stream.fail(new Error('late'));
    expect([await next, ends]).toEqual([{ done: true, value: undefined }, 1]);
    const failed = new TapStream(() => {}, 0);
    const waiting = failed.next();
    failed.fail(new Error('no more'));
    await expect(waiting).rejects.toThrow('no more');
    await expect(failed.next()).rejects.toThrow('no more');
  });
});
