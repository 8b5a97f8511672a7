/** Nest's other way: `IoAdapter` of @nestjs/platform-socket.io and a plain gateway that uses Socket.IO's rooms. */
import 'reflect-metadata';
import type { IncomingMessage } from 'node:http';
import { Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Socket } from 'socket.io';
import { PingDto, PingGuard, ValidatePing } from './ping-guard.js';
import { mayPass } from './token-check.js';

@WebSocketGateway({
  transports: ['websocket'],
  perMessageDeflate: false,
  serveClient: false,
  allowRequest: (request: IncomingMessage, done: (error: null, allowed: boolean) => void) =>
    done(null, mayPass(request)),
})
class PeerGateway {
  @SubscribeMessage('join')
  async join(@ConnectedSocket() socket: Socket, @MessageBody() data: { room: string }) {
    await socket.join(data.room);
    return { event: 'joined', data: {} };
  }

  @SubscribeMessage('leave')
  async leave(@ConnectedSocket() socket: Socket, @MessageBody() data: { room: string }) {
    await socket.leave(data.room);
    return { event: 'left', data: {} };
  }

  /** What it returns is the acknowledgement, where the client asks for one. */
  @SubscribeMessage('publish')
  publish(@ConnectedSocket() socket: Socket, @MessageBody() data: { room: string; content: unknown }) {
    socket.to(data.room).emit('message', data.content);
    return 1;
  }

  @SubscribeMessage('ping')
  @UseGuards(PingGuard)
  @ValidatePing()
  ping(@MessageBody() _data: PingDto) {
    return { event: 'pong', data: { server_ts: Date.now() } };
  }
}

@Module({ providers: [PeerGateway] })
class PeerModule {}

const app = await NestFactory.create<NestFastifyApplication>(PeerModule, new FastifyAdapter(), { logger: ['error'] });
app.useWebSocketAdapter(new IoAdapter(app));
await app.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
console.log(`${(await app.getUrl()).replace('http', 'ws')}/socket.io/`);
