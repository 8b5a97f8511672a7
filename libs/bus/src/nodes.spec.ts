import { Nodes } from './nodes.js';

describe('Nodes', () => {
  it('always has the node itself, and tells of the others as they come and go', () => {
    const nodes = new Nodes('a');
    const told: string[] = [];
    nodes.onJoined((nodeId) => told.push(`+${nodeId}`));
    nodes.onGone((nodeId) => told.push(`-${nodeId}`));
    nodes.update(['b', 'c']);
    nodes.update(['c', 'd']);
    nodes.update(['c', 'd']);
    expect(told).toEqual(['+b', '+c', '-b', '+d']);
    expect([...nodes.alive()].sort()).toEqual(['a', 'c', 'd']);
    expect(nodes.has('b')).toBe(false);
  });
});
