import { HubbubConfig } from '@hubbub/config';
import { PermissionSet } from '@hubbub/protocol';
import { Controller, type ExecutionContext, Get, Post } from '@nestjs/common';
import { Acts } from './acts.js';
import { ChangesNothing } from './decorators.js';

@Controller('/api/shops/')
class ShopsController {
  @Post(':id/close')
  close(): void {}
  @ChangesNothing()
  @Post('find')
  find(): void {}
  @Get()
  list(): void {}
}

const caller = { userId: 'root', username: 'root', permissions: PermissionSet.NONE };

describe('a request as an act', () => {
  let read = 0;
  const body = {
    id: 'another',
    get reason() {
      read++;
      return 'rent';
    },
  };
  const ask = (method: keyof ShopsController, verb: string, watched: string) => {
    const acts = new Acts(HubbubConfig.from());
    acts.witnessedBy({ watches: (action) => action === watched, around: (_act, work) => work() });
    const request = { method: verb, headers: {}, socket: {}, params: { id: '7' }, body, identity: caller };
    const context = {
      switchToHttp: () => ({ getRequest: () => request }),
      getClass: () => ShopsController,
      getHandler: () => ShopsController.prototype[method],
    };
    return acts.ofRequest(context as unknown as ExecutionContext);
  };

  it('has the name of its route, and what its path says before what its body says', () => {
    expect(ask('close', 'POST', 'POST api/shops/:id/close')).toEqual({
      action: 'POST api/shops/:id/close',
      permissions: [],
      caller,
      address: undefined,
      data: { id: '7', reason: 'rent' },
    });
  });

  it.each([
    ['find', 'POST', 'POST api/shops/find'],
    ['list', 'GET', 'GET api/shops'],
  ] as const)('is none where it only reads: %s', (method, verb, name) => {
    expect(ask(method, verb, name)).toBeNull();
  });

  it('is not composed where nobody watches it', () => {
    read = 0;
    expect(ask('close', 'POST', 'DELETE api/shops/:id')).toBeNull();
    expect(read).toBe(0);
  });
});
