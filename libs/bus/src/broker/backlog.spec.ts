import { Backlog } from './backlog.js';

const KIB = 1024;

describe('Backlog', () => {
  it('asks for confirmation only now and then, and never twice at once', async () => {
    let asked = 0;
    let confirm = () => {};
    const backlog = new Backlog(() => {
      asked++;
      return new Promise<void>((resolve) => (confirm = resolve));
    });
    for (let n = 0; n < 200; n++) backlog.add(KIB);
    expect(asked).toBe(0);
    for (let n = 0; n < 800; n++) backlog.add(KIB);
    expect(asked).toBe(1);
    confirm();
    await new Promise(setImmediate);
    // What was added while the question was under way is asked about next.
    expect(asked).toBe(2);
    confirm();
    await new Promise(setImmediate);
    expect(asked).toBe(2);
  });

  it('refuses above its bound, and takes more once something is confirmed', async () => {
    let confirm = () => {};
    const backlog = new Backlog(() => new Promise<void>((resolve) => (confirm = resolve)), 512 * KIB);
    const fill = () => {
      for (let n = 0; n < 1000; n++) backlog.add(KIB);
    };
    expect(fill).toThrow(expect.objectContaining({ name: 'ServerError', retryable: true }));
    expect(() => backlog.add(1)).toThrow('does not keep up');
    confirm();
    await new Promise(setImmediate);
    expect(() => backlog.add(1)).not.toThrow();
  });

  it('counts what was given to a lost connection no longer', async () => {
    const backlog = new Backlog(() => Promise.reject(new Error('lost')), 512 * KIB);
    const burst = () => {
      for (let n = 0; n < 400; n++) backlog.add(KIB);
    };
    for (let n = 0; n < 10; n++) {
      expect(burst).not.toThrow();
      await new Promise(setImmediate);
    }
  });
});
