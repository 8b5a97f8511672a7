import 'reflect-metadata';
import {
  CUSTOM_ROUTE_ARGS_METADATA,
  EXCEPTION_FILTERS_METADATA,
  ROUTE_ARGS_METADATA,
  RouteParamtypes,
} from '@nestjs/common/internal';
import { Ack, ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { GATEWAY_METADATA, MESSAGE_MAPPING_METADATA, MESSAGE_METADATA } from '@nestjs/websockets/internal';
import { CurrentEnvelope } from './decorators.js';
import { WS_PARAM } from './handler-planner.js';

/** The router reads what Nest's decorators write. Where a new version of Nest writes it elsewhere, this fails first. */
describe('the metadata of Nest that the router reads', () => {
  @WebSocketGateway()
  class Gateway {
    @SubscribeMessage('order')
    order(
      @ConnectedSocket() _socket: unknown,
      @MessageBody('id') _id: unknown,
      @Ack() _ack: unknown,
      @CurrentEnvelope() _envelope: unknown,
    ): void {}
  }

  it('has these keys', () => {
    expect({
      GATEWAY_METADATA,
      MESSAGE_MAPPING_METADATA,
      MESSAGE_METADATA,
      ROUTE_ARGS_METADATA,
      CUSTOM_ROUTE_ARGS_METADATA,
      EXCEPTION_FILTERS_METADATA,
    }).toEqual({
      GATEWAY_METADATA: 'websockets:is_gateway',
      MESSAGE_MAPPING_METADATA: 'websockets:message_mapping',
      MESSAGE_METADATA: 'message',
      ROUTE_ARGS_METADATA: '__routeArguments__',
      CUSTOM_ROUTE_ARGS_METADATA: '__customRouteArgs__',
      EXCEPTION_FILTERS_METADATA: '__exceptionFilters__',
    });
    const handler: object = Object.getOwnPropertyDescriptor(Gateway.prototype, 'order')?.value as object;
    expect(Reflect.getMetadata(GATEWAY_METADATA, Gateway)).toBe(true);
    expect(Reflect.getMetadata(MESSAGE_MAPPING_METADATA, handler)).toBe(true);
    expect(Reflect.getMetadata(MESSAGE_METADATA, handler)).toBe('order');
  });

  it('numbers the kinds of parameters so', () => {
    const params = Reflect.getMetadata(ROUTE_ARGS_METADATA, Gateway, 'order') as Record<string, { index: number }>;
    const kinds = Object.entries(params).map(([key, { index }]) => [index, key.split(':')[0]]);
    expect(Object.fromEntries(kinds)).toEqual({
      0: String(WS_PARAM.socket),
      1: String(WS_PARAM.payload),
      2: String(WS_PARAM.ack),
      3: expect.stringContaining(CUSTOM_ROUTE_ARGS_METADATA) as string,
    });
    expect(RouteParamtypes.BODY).toBe(WS_PARAM.payload);
  });
});
