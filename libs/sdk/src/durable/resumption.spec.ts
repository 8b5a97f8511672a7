import { Resumption } from './resumption.js';

const message = (seq: number) => ({ seq });
const seqs = (messages: { seq: number }[]) => messages.map(({ seq }) => seq);

describe('Resumption', () => {
  it('lets everything through where nothing is owed', () => {
    const resumption = new Resumption(0, 7);
    expect(seqs(resumption.take(message(8)))).toEqual([8]);
  });

  it('holds what is new until what is owed is there, and lets it go in the order of the stream', () => {
    const resumption = new Resumption(2, 7);
    for (const seq of [9, 8, 7]) expect(resumption.take(message(seq))).toEqual([]);
    expect(resumption.isOver).toBe(false);
    expect(seqs(resumption.take(message(5)))).toEqual([5, 7, 8, 9]);
    expect(seqs(resumption.take(message(10)))).toEqual([10]);
  });

  it('counts what came and need not go on', () => {
    const resumption = new Resumption(2, 7);
    resumption.take(message(6));
    resumption.take(message(8));
    expect(seqs(resumption.drop(7))).toEqual([6, 8]);
    expect(resumption.drop(7)).toEqual([]);
  });

  it('does not wait for what another reader has', () => {
    const resumption = new Resumption(3, 7);
    for (const seq of [9, 6]) resumption.take(message(seq));
    expect(seqs(resumption.giveUp())).toEqual([6, 9]);
    expect(seqs(resumption.take(message(10)))).toEqual([10]);
  });
});
