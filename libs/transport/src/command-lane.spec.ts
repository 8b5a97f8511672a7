import { CommandLane } from './command-lane.js';

interface Named {
  readonly name: string;
  readonly pipelined: boolean;
}

const plain = (name: string): Named => ({ name, pipelined: false });
const pipelined = (name: string): Named => ({ name, pipelined: true });

describe('CommandLane', () => {
  it('starts a command at once when nothing is under way', () => {
    const lane = new CommandLane<Named>();
    expect(lane.admit(plain('a'))).toBe(true);
    expect(lane.queued).toBe(0);
  });

  it('starts one command at a time, in the order received', () => {
    const lane = new CommandLane<Named>();
    lane.atWork = plain('a');
    expect(lane.admit(plain('b'))).toBe(false);
    expect(lane.admit(pipelined('c'))).toBe(false);
    expect(lane.next()).toBeUndefined();
    lane.atWork = null;
    expect(lane.next()?.name).toBe('b');
    expect(lane.next()?.name).toBe('c');
    expect(lane.next()).toBeUndefined();
  });

  it('lets pipelined commands pass outstanding answers and makes every other one wait', () => {
    const lane = new CommandLane<Named>();
    lane.outstanding = 1;
    expect(lane.admit(pipelined('a'))).toBe(true);
    expect(lane.admit(plain('b'))).toBe(false);
    expect(lane.next()).toBeUndefined();
    lane.outstanding = 0;
    expect(lane.next()?.name).toBe('b');
  });

  it('lets nothing overtake a command that waits', () => {
    const lane = new CommandLane<Named>();
    lane.outstanding = 1;
    lane.admit(plain('a'));
    expect(lane.admit(pipelined('b'))).toBe(false);
    expect(lane.next()).toBeUndefined();
    lane.outstanding = 0;
    expect([lane.next()?.name, lane.next()?.name]).toEqual(['a', 'b']);
  });

  it('starts nothing while it is held', () => {
    const lane = new CommandLane<Named>();
    lane.holds++;
    expect(lane.admit(plain('a'))).toBe(false);
    expect(lane.next()).toBeUndefined();
    lane.holds--;
    expect(lane.next()?.name).toBe('a');
  });

  it('keeps the order of a long queue and forgets it when told', () => {
    const lane = new CommandLane<Named>();
    lane.holds++;
    for (let i = 0; i < 1000; i++) lane.admit(plain(String(i)));
    lane.holds--;
    for (let i = 0; i < 900; i++) expect(lane.next()?.name).toBe(String(i));
    expect(lane.queued).toBe(100);
    lane.clear();
    expect(lane.queued).toBe(0);
    expect(lane.next()).toBeUndefined();
  });
});
