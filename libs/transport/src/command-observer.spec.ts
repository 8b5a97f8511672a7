import { HubbubError } from '@hubbub/protocol';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { RouterHarness } from './testing/router-harness.js';

@WebSocketGateway()
class Shop {
  @SubscribeMessage('buy')
  buy(): object {
    return {};
  }

  @SubscribeMessage('sold_out')
  soldOut(): never {
    throw new HubbubError('RoomFull');
  }

  @SubscribeMessage('watch')
  async *watch() {
    yield 1;
    throw new HubbubError('Timeout');
  }
}

describe('CommandObserver', () => {
  it('is told of every envelope within the rate, and of every answer that is an error', async () => {
    const harness = await RouterHarness.start({
      providers: [Shop],
      config: { limits: { commandsPerS: 1, commandsBurst: 5 } },
    });
    const seen: string[] = [];
    harness.router.observe({
      received: ({ id }, type) => seen.push(`${id} ${type}`),
      failed: ({ id }, type, error) => seen.push(`${id} ${type} failed: ${error.name}`),
    });
    const client = harness.connect();
    for (const type of ['buy', 'sold_out', 'absent', 'watch']) harness.send(client, type, {}, 1);
    harness.router.handle(client, 'not json');
    harness.send(client, 'buy', {}, 2);
    while ((await client.next()).data !== 1);
    await client.next();
    expect(seen.map((line) => line.replace(client.id, '#'))).toEqual([
      '# buy',
      '# sold_out',
      '# sold_out failed: RoomFull',
      '# absent',
      '# absent failed: UnknownType',
      '# watch',
      '#  failed: InvalidFormat',
      '# buy failed: RateLimited',
      '# watch failed: Timeout',
    ]);
    await harness.close();
  });
});
