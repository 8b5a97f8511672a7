import { type CanActivate, Injectable, Scope, UseGuards } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { CommandTable } from './command-table.js';
import { AllowUnidentified, Pipelined } from './decorators.js';
import { RouterHarness } from './testing/router-harness.js';

@WebSocketGateway()
class Orders {
  @SubscribeMessage('order')
  order(): string {
    return 'ordered';
  }
}

describe('CommandTable', () => {
  it('has every decorated method of every gateway, inherited ones included', async () => {
    @WebSocketGateway()
    class Special extends Orders {
      @Pipelined()
      @AllowUnidentified()
      @SubscribeMessage('special')
      special(): void {}
    }
    const harness = await RouterHarness.start({ providers: [Special] });
    const table = harness.module.get(CommandTable).build();
    expect([...table.keys()].toSorted()).toEqual(['cancel', 'close', 'order', 'ping', 'special']);
    expect(table.get('special')).toMatchObject({
      replyType: 'special_reply',
      pipelined: true,
      allowUnidentified: true,
    });
    expect(table.get('order')).toMatchObject({ pipelined: false, allowUnidentified: false });
    expect(table.get('ping')?.replyType).toBe('pong');
    await harness.close();
  });

  it('does not serve decorated methods of providers that are no gateways', async () => {
    @Injectable()
    class Plain {
      @SubscribeMessage('plain')
      plain(): void {}
    }
    const harness = await RouterHarness.start({ providers: [Plain] });
    expect(harness.module.get(CommandTable).build().has('plain')).toBe(false);
    await harness.close();
  });

  it('refuses two handlers of one type and names both', async () => {
    @WebSocketGateway()
    class More {
      @SubscribeMessage('order')
      again(): void {}
    }
    await expect(RouterHarness.start({ providers: [Orders, More] })).rejects.toThrow(
      '"order" has two handlers: Orders.order and More.again',
    );
  });

  it('lets nobody replace a built-in command unnoticed', async () => {
    @WebSocketGateway()
    class Pinger {
      @SubscribeMessage('ping')
      ping(): void {}
    }
    await expect(RouterHarness.start({ providers: [Pinger] })).rejects.toThrow('"ping" has two handlers');
  });

  it.each([[Scope.REQUEST], [Scope.TRANSIENT]])('refuses gateways of scope %s', async (scope) => {
    @Injectable({ scope })
    @WebSocketGateway()
    class Scoped {
      @SubscribeMessage('scoped')
      scoped(): void {}
    }
    await expect(RouterHarness.start({ providers: [Scoped] })).rejects.toThrow('gateways must be singletons');
  });

  it('refuses a gateway with a request-scoped guard, which would never run', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class ScopedGuard implements CanActivate {
      canActivate(): boolean {
        return false;
      }
    }
    @WebSocketGateway()
    class Guarded {
      @UseGuards(ScopedGuard)
      @SubscribeMessage('guarded')
      guarded(): void {}
    }
    await expect(RouterHarness.start({ providers: [Guarded] })).rejects.toThrow('Guarded is request-scoped');
  });

  it('says which global enhancers never apply to commands', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class ScopedGuard implements CanActivate {
      canActivate(): boolean {
        return false;
      }
    }
    const harness = await RouterHarness.start({ providers: [{ provide: APP_GUARD, useClass: ScopedGuard }] });
    expect(harness.logger.of('warn')).toEqual([expect.objectContaining({ kinds: ['guards'] })]);
    await harness.close();
  });

  it.each([['with space'], [''], [{ cmd: 'order' }]])('refuses the message type %j', async (type) => {
    @WebSocketGateway()
    class Odd {
      @SubscribeMessage(type as string)
      odd(): void {}
    }
    await expect(RouterHarness.start({ providers: [Odd] })).rejects.toThrow('Odd.odd: a message type is a string');
  });
});
