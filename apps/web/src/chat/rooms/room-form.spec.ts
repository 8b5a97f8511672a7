import { faultsOf } from './room-form.js';

const good = { name: 'Lunch', address: 'lunch', topic: '', isPrivate: false, capacity: '100' };

describe('what is written down for a room', () => {
  it('is good with a name alone: the gateway makes the address', () => {
    expect(faultsOf({ ...good, address: '' })).toEqual({});
  });

  it.each([
    [{ name: '  ' }, { name: 'nameMissing' }],
    [{ address: '-x' }, { address: 'addressWrong' }],
    [{ address: 'a b' }, { address: 'addressWrong' }],
    [{ capacity: '-1' }, { capacity: 'capacityWrong' }],
    [{ capacity: '1000001' }, { capacity: 'capacityWrong' }],
    [{ capacity: 'many' }, { capacity: 'capacityWrong' }],
  ])('%j is told before it is sent', (part, faults) => {
    expect(faultsOf({ ...good, ...part })).toEqual(faults);
  });
});
