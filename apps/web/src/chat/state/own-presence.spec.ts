import { signal } from '@preact/signals';
import type { OwnState } from './entries.js';
import { OwnPresence, stateOf } from './own-presence.js';

describe('OwnPresence', () => {
  const made: OwnPresence[] = [];
  afterEach(() => made.splice(0).forEach((one) => one.dispose()));

  function presence(key: string) {
    const idle = signal(false);
    const sent: OwnState[] = [];
    const own = new OwnPresence(key, idle, (state) => sent.push(state));
    made.push(own);
    return { own, idle, sent };
  }

  it('is away while nobody is there, and back with the first touch', () => {
    const { own, idle, sent } = presence('a');
    own.choose({ status: 'online', text: ' Tea ' });
    idle.value = true;
    idle.value = false;
    expect(sent).toEqual([
      { status: 'online', text: 'Tea' },
      { status: 'away', text: 'Tea', idle: true },
      { status: 'online', text: 'Tea' },
    ]);
  });

  it('stays busy whether or not somebody is there', () => {
    const { own, idle, sent } = presence('b');
    own.choose({ status: 'busy' });
    idle.value = true;
    expect(sent).toEqual([{ status: 'busy' }]);
  });

  it('says nothing as long as it is as the gateway takes everybody to be', () => {
    expect(presence('c').sent).toEqual([]);
  });

  it('is not away because another device is left alone, as long as somebody is at this one', () => {
    const { own, idle, sent } = presence('e');
    const now = Date.now();
    own.heard({ status: 'away', idle: true }, now);
    own.heard({ status: 'away', idle: true }, now + 100);
    expect(sent).toEqual([{ status: 'online' }]);
    own.heard({ status: 'away' }, now + 60_000);
    idle.value = true;
    sent.length = 0;
    own.heard({ status: 'away', idle: true }, now + 90_000);
    expect(sent).toEqual([]);
  });

  it('is kept for the next time', () => {
    presence('d').own.choose({ status: 'away' });
    expect(presence('d').own.state.value).toEqual({ status: 'away' });
  });
});

describe('stateOf', () => {
  it.each([
    [undefined, { status: 'online' }],
    [
      { status: 'busy', text: 'x' },
      { status: 'busy', text: 'x' },
    ],
    [{ status: { toString: 1 }, text: 5 }, { status: 'online' }],
    ['away', { status: 'online' }],
  ])('makes sense of %j, whatever another client has set', (state, expected) => {
    expect(stateOf(state)).toEqual(expected);
  });
});
