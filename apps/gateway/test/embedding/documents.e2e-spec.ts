import { DtoPipe, RequirePermissions } from '@hubbub/hubbub';
import { Controller, Get } from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { IsInt, Min } from 'class-validator';
import { closeApplications, PLATFORMS, startApplication } from './applications.js';

class OrderDto {
  @IsInt()
  @Min(1)
  count!: number;
}

@WebSocketGateway()
class ShopGateway {
  @SubscribeMessage('order')
  @RequirePermissions('order:food')
  order(@MessageBody(DtoPipe) { count }: OrderDto) {
    return { count };
  }
}

@Controller('shop')
class ShopController {
  @Get()
  open(): object {
    return { open: true };
  }
}

type Paths = Record<string, Record<string, { responses: object }> | undefined>;

describe('documents in an application of somebody’s own', () => {
  afterAll(closeApplications);

  it.each(PLATFORMS)('on %s are where it wants them, with what it has added and left out', async (platform) => {
    const app = await startApplication({
      platform,
      providers: [ShopGateway],
      controllers: [ShopController],
      hubbub: { without: ['direct_message'] },
      use: { docs: 'chat/docs' },
      prepare: (application) => application.setGlobalPrefix('v1'),
    });
    const get = (name: string) => app.fetch('GET', `/chat/docs${name}`);

    const { status, headers, text } = await get('/messages');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(text).toContain('id="command-order"');
    expect(text).not.toContain('id="command-direct_message"');

    const { operations } = (await get('/asyncapi.json')).body as { operations: Record<string, object> };
    expect(operations['command.order']).toMatchObject({ 'x-permissions': ['order:food'] });
    expect(operations).not.toHaveProperty(['command.direct_message']);

    const { paths } = (await get('/openapi.json')).body as { paths: Paths };
    expect(Object.keys(paths['/v1/api/rooms']?.['post']?.responses ?? {})).toContain('429');
    expect(Object.keys(paths['/v1/shop']?.['get']?.responses ?? {})).toEqual(['200']);
    // Where the page of messages leads to.
    expect((await get('/')).status).toBe(200);
    expect((await app.fetch('GET', '/docs/messages')).status).toBe(404);
  });
});
