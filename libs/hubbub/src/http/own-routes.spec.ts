import { Controller, Delete, Get, Post, RequestMethod } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { OwnRoutes } from './own-routes.js';

@Controller('api/rooms')
class Rooms {
  @Get()
  list(): void {}
  @Get(':id')
  one(): void {}
  @Delete(':id/members/:user')
  kick(): void {}
  @Post(['a', 'b'])
  both(): void {}
  @MessagePattern('hubbub.cmd.rooms')
  command(): void {}
  helper(): void {}
}

@Controller()
class Root {
  @Get('metrics')
  read(): void {}
}

function routes(prefix = '', exclude: { pathRegex: RegExp; requestMethod: RequestMethod }[] = []): OwnRoutes {
  const application = {
    getGlobalPrefix: () => prefix,
    getGlobalPrefixOptions: () => ({ exclude: exclude.map((rule) => ({ ...rule, path: '' })) }),
  };
  return new OwnRoutes([Rooms, Root], application);
}

describe('OwnRoutes', () => {
  it.each([
    ['GET', '/api/rooms'],
    ['HEAD', '/api/rooms?limit=2'],
    ['GET', '/API/Rooms/'],
    ['GET', '/api/rooms/a%20b'],
    ['GET', '/api/rooms/:id'],
    ['DELETE', '/api/rooms/x/members/y?z=/'],
    ['POST', '/api/rooms/a'],
    ['POST', '/api/rooms/b'],
    ['GET', '/metrics'],
  ])('cover %s %s', (method, target) => {
    expect(routes().cover(method, target)).toBe(true);
  });

  it.each([
    ['POST', '/api/rooms'],
    ['GET', '/api/rooms/x/members/y'],
    ['DELETE', '/api/rooms/x/members'],
    ['GET', '/api'],
    ['GET', '/'],
    ['GET', '/other/metrics'],
    ['POST', '/api/rooms/helper'],
    ['OPTIONS', '/api/rooms'],
  ])('leave %s %s to others', (method, target) => {
    expect(routes().cover(method, target)).toBe(false);
  });

  it('lie below a global prefix unless they are excluded from it', () => {
    const below = routes('v1', [{ pathRegex: /^\/metrics$/, requestMethod: RequestMethod.GET }]);
    const covered = ['/v1/api/rooms', '/api/rooms', '/metrics', '/v1/metrics'].filter((path) =>
      below.cover('GET', path),
    );
    expect(covered).toEqual(['/v1/api/rooms', '/metrics']);
  });
});
