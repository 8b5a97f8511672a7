/** What Nest gives out of the box: `WsAdapter` of @nestjs/platform-ws and a plain gateway, with the wire form of the bare peer. */
import 'reflect-metadata';
import type { IncomingMessage } from 'node:http';
import { Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { WsAdapter } from '@nestjs/platform-ws';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import type { WebSocket } from 'ws';
import { PingDto, PingGuard, ValidatePing } from './ping-guard.js';
import { mayPass } from './token-check.js';

@WebSocketGateway({ path: '/' })
class PeerGateway implements OnGatewayConnection, OnGatewayDisconnect {
  readonly #members = new Map<string, Set<WebSocket>>();
  readonly #rooms = new WeakMap<WebSocket, Set<WebSocket>>();

  handleConnection(socket: WebSocket, request: IncomingMessage) {
    if (mayPass(request)) socket.send('{"event":"connected"}');
    else socket.close(4001);
  }

  @SubscribeMessage('join')
  join(@ConnectedSocket() socket: WebSocket, @MessageBody() data: { room: string }) {
    const room = this.#members.get(data.room) ?? new Set();
    this.#members.set(data.room, room.add(socket));
    this.#rooms.set(socket, room);
    return { event: 'joined' };
  }

  @SubscribeMessage('leave')
  leave(@ConnectedSocket() socket: WebSocket) {
    this.#rooms.get(socket)?.delete(socket);
    return { event: 'left' };
  }

  @SubscribeMessage('publish')
  publish(@ConnectedSocket() socket: WebSocket, @MessageBody() data: { content: unknown; ack?: boolean }) {
    const text = JSON.stringify({ event: 'message', data: data.content });
    for (const member of this.#rooms.get(socket) ?? []) if (member !== socket) member.send(text);
    return data.ack ? { event: 'published' } : undefined;
  }

  @SubscribeMessage('ping')
  @UseGuards(PingGuard)
  @ValidatePing()
  ping(@MessageBody() _data: PingDto) {
    return { event: 'pong', data: { server_ts: Date.now() } };
  }

  handleDisconnect(socket: WebSocket) {
    this.#rooms.get(socket)?.delete(socket);
  }
}

@Module({ providers: [PeerGateway] })
class PeerModule {}

const app = await NestFactory.create<NestFastifyApplication>(PeerModule, new FastifyAdapter(), { logger: ['error'] });
app.useWebSocketAdapter(new WsAdapter(app));
await app.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
console.log(`${(await app.getUrl()).replace('http', 'ws')}/`);
