import { HubbubError } from '@hubbub/protocol';
import {
  BadRequestException,
  ConflictException,
  ForbiddenException,
  GatewayTimeoutException,
  HttpException,
  InternalServerErrorException,
  PayloadTooLargeException,
  ServiceUnavailableException,
  UnauthorizedException,
} from '@nestjs/common';
import { WsException } from '@nestjs/websockets';
import { encodeError, toHubbubError } from './error-mapping.js';

describe('what a client is told of an error', () => {
  it('is a HubbubError as it is', () => {
    const error = new HubbubError('RoomFull');
    expect(toHubbubError(error)).toBe(error);
  });

  it.each([
    [new BadRequestException('bad'), 'InvalidFormat', 'bad'],
    [new UnauthorizedException('who?'), 'Unauthorized', 'who?'],
    [new ForbiddenException('no'), 'Forbidden', 'no'],
    [new ConflictException('twice'), 'InvalidFormat', 'twice'],
    [new PayloadTooLargeException('big'), 'MessageTooLarge', 'big'],
    [new HttpException('slowly', 429), 'RateLimited', 'slowly'],
  ])('of a Nest exception below 500 is its own sentence', (error, name, message) => {
    expect(toHubbubError(error)).toMatchObject({ name, message });
  });

  it('of a Nest exception from 500 on is none of its own sentence', () => {
    expect(toHubbubError(new ServiceUnavailableException('db at 10.0.0.7')).toJSON()).toMatchObject({
      name: 'ServerError',
      retryable: true,
      message: expect.not.stringContaining('10.0.0.7') as string,
    });
    expect(toHubbubError(new GatewayTimeoutException('x')).name).toBe('Timeout');
    expect(toHubbubError(new InternalServerErrorException('secret')).toJSON()).toMatchObject({
      name: 'Unknown',
      message: expect.not.stringContaining('secret') as string,
    });
  });

  it('has the sentences of a validation pipe as details', () => {
    const error = toHubbubError(new BadRequestException(['name must be a string', 'age must be positive']));
    expect(error.toJSON()).toMatchObject({
      code: 1001,
      details: [
        { path: '', message: 'name must be a string' },
        { path: '', message: 'age must be positive' },
      ],
    });
  });

  it('of a WsException is its sentence, or the row of the table that it names', () => {
    expect(toHubbubError(new WsException('not now'))).toMatchObject({ name: 'InvalidFormat', message: 'not now' });
    expect(toHubbubError(new WsException({ name: 'RoomFull' }))).toMatchObject({ name: 'RoomFull', code: 3002 });
    expect(toHubbubError(new WsException({ name: 'constructor', message: 'x' }))).toMatchObject({ code: 1001 });
  });

  it.each([[new Error('password=hunter2')], ['text'], [null], [undefined], [{ code: 42 }]])(
    'of anything else is nothing at all',
    (thrown) => {
      const error = toHubbubError(thrown);
      expect(error.name).toBe('Unknown');
      expect(encodeError(error)).not.toContain('hunter2');
      expect(error.cause).toBe(thrown);
    },
  );

  it('can be written also when its details cannot', () => {
    const error = new HubbubError('Forbidden', { details: { big: 1n } });
    expect(JSON.parse(encodeError(error))).toMatchObject({ code: 2001, name: 'Forbidden' });
  });
});
