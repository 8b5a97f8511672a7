import { WriteMemory } from './write-memory.js';

const BLOCK = 32_768;

/** Takes pieces of these sizes, each filled with its number. */
function fill(memory: WriteMemory, sizes: readonly number[]): Buffer[] {
  return sizes.map((size, number) => memory.take(size).fill(number));
}

const areIntact = (pieces: readonly Buffer[]): boolean =>
  pieces.every((piece, number) => piece.every((byte) => byte === number));

describe('the memory of writes', () => {
  it('gives everybody a piece of his own, also where a block is full and where one is too small', () => {
    const sizes = [1, 100, BLOCK, 0, 20_000, 20_000, BLOCK + 1, 5];
    const pieces = fill(new WriteMemory(), sizes);
    expect(pieces.map(({ length }) => length)).toEqual(sizes);
    expect(areIntact(pieces)).toBe(true);
  });

  it('is used again after a reset', () => {
    const memory = new WriteMemory();
    const [first] = fill(memory, [10]);
    memory.reset();
    const [second] = fill(memory, [10]);
    expect(second?.buffer).toBe(first?.buffer);
    expect(second?.byteOffset).toBe(first?.byteOffset);
  });

  it('is not used again where somebody goes on reading it', () => {
    const memory = new WriteMemory();
    const kept = fill(memory, [10, BLOCK, BLOCK]);
    memory.hold();
    for (let turn = 0; turn < 5; turn++) {
      memory.reset();
      memory.take(BLOCK).fill(0xff);
      memory.take(BLOCK).fill(0xff);
    }
    expect(areIntact(kept)).toBe(true);
  });

  it('has few bytes kept from others by who goes on reading one', () => {
    const memory = new WriteMemory();
    for (const size of [1, 20_000, BLOCK, 1]) expect(memory.take(size).buffer.byteLength).toBe(BLOCK);
    expect(memory.take(BLOCK + 1).buffer.byteLength).toBe(BLOCK + 1);
  });

  it('says when what was taken is not one’s own any more', () => {
    const memory = new WriteMemory();
    const before = memory.generation;
    memory.take(1);
    expect(memory.generation).toBe(before);
    memory.reset();
    expect(memory.generation).not.toBe(before);
  });
});
