import { ReadMarker } from './read-marker.js';

/** A gateway's marker: it goes up only. */
function gateway(seq: number, unread = 0) {
  const sent: number[] = [];
  const state = { seq, unread };
  const marker = new ReadMarker(
    async (wanted) => {
      sent.push(wanted);
      if (wanted > state.seq) Object.assign(state, { seq: wanted, unread: 0 });
      return { ...state };
    },
    () => {},
  );
  return { marker, sent };
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('ReadMarker', () => {
  it('begins where the gateway has it', async () => {
    const { marker } = gateway(7, 3);
    await marker.load(12);
    expect([marker.seq, marker.unread]).toEqual([7, 3]);
  });

  it('has no arrears for who never read there, and tells what he sees', async () => {
    const { marker, sent } = gateway(0, 500);
    await marker.load(500);
    expect([marker.seq, marker.unread]).toEqual([500, 0]);
    marker.seen(500);
    await jest.advanceTimersByTimeAsync(500);
    expect(sent).toEqual([0, 500]);
  });

  it('is told once for what is seen in a row', async () => {
    const { marker, sent } = gateway(1);
    await marker.load(1);
    for (const seq of [2, 3, 4, 4]) marker.seen(seq);
    await jest.advanceTimersByTimeAsync(500);
    marker.seen(4);
    await jest.advanceTimersByTimeAsync(5000);
    expect(sent).toEqual([0, 4]);
    expect(marker.seq).toBe(4);
  });

  it('counts what is not seen, and follows what other devices have read', async () => {
    const { marker } = gateway(1);
    await marker.load(1);
    marker.arrived();
    marker.arrived();
    expect(marker.unread).toBe(2);
    marker.heard({ seq: 2, unread: 1 });
    expect(marker.unread).toBe(1);
    marker.heard({ seq: 1, unread: 9 });
    expect([marker.seq, marker.unread]).toEqual([2, 1]);
    marker.seen(3);
    expect(marker.unread).toBe(0);
    marker.dispose();
  });

  it('tells it again after a failure, with what is seen next', async () => {
    let fails = true;
    const sent: number[] = [];
    const marker = new ReadMarker(
      async (seq) => {
        sent.push(seq);
        if (fails) throw new Error('offline');
        return { seq, unread: 0 };
      },
      () => {},
    );
    marker.seen(5);
    await jest.advanceTimersByTimeAsync(500);
    fails = false;
    marker.seen(5);
    await jest.advanceTimersByTimeAsync(500);
    expect(sent).toEqual([5, 5]);
    expect(marker.seq).toBe(5);
  });
});
