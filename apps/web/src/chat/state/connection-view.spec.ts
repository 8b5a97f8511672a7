import { CommandError } from '@hubbub/client';
import { viewOf } from './connection-view.js';

const closed = (code: number) => new CommandError('Disconnected', { retryable: true, details: { close_code: code } });

describe('the connection as the page shows it', () => {
  it('says when the next attempt is', () => {
    expect(viewOf({ state: 'offline', previous: 'open', retryInMs: 500 }, 1000)).toEqual({
      state: 'offline',
      retryAt: 1500,
    });
  });

  it.each([
    [4501, 'expired'],
    [4502, 'ended'],
    [4503, 'replaced'],
    [4504, 'refused'],
  ])('tells why close code %i has ended it', (code, ending) => {
    expect(viewOf({ state: 'closed', previous: 'open', error: closed(code) }, 0)).toEqual({ state: 'closed', ending });
  });

  it('tells that the sign-in is over where no token can be had', () => {
    const error = new CommandError('InvalidToken', { code: 2003 });
    expect(viewOf({ state: 'closed', previous: 'open', error }, 0)).toEqual({ state: 'closed', ending: 'ended' });
  });

  it('tells nothing where the page has closed it', () => {
    expect(viewOf({ state: 'closed', previous: 'open' }, 0)).toEqual({ state: 'closed' });
  });
});
