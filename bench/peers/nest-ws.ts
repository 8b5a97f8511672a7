/** What Nest gives out of the box: `WsAdapter` of @nestjs/platform-ws and a plain gateway, with the wire form of the bare peer. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { WsAdapter } from '@nestjs/platform-ws';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayDisconnect,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import type { WebSocket } from 'ws';

@WebSocketGateway({ path: '/' })
class PeerGateway implements OnGatewayDisconnect {
  readonly #members = new Map<string, Set<WebSocket>>();
  readonly #rooms = new WeakMap<WebSocket, Set<WebSocket>>();

  @SubscribeMessage('join')
  join(@ConnectedSocket() socket: WebSocket, @MessageBody() data: { room: string }) {
    const room = this.#members.get(data.room) ?? new Set();
    this.#members.set(data.room, room.add(socket));
    this.#rooms.set(socket, room);
    return { event: 'joined' };
  }

  @SubscribeMessage('publish')
  publish(@ConnectedSocket() socket: WebSocket, @MessageBody() data: { content: unknown }) {
    const text = JSON.stringify({ event: 'message', data: data.content });
    for (const member of this.#rooms.get(socket) ?? []) if (member !== socket) member.send(text);
  }

  @SubscribeMessage('ping')
  ping() {
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
await app.listen(0, '127.0.0.1');
console.log(`${(await app.getUrl()).replace('http', 'ws')}/`);
