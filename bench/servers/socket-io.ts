/** Socket.IO as its documentation shows it: its own rooms; WebSocket only, no compression. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { mayPass } from './token-check.js';

const http = createServer();
const io = new Server(http, {
  transports: ['websocket'],
  perMessageDeflate: false,
  serveClient: false,
  allowRequest: (request, done) => done(null, mayPass(request)),
});

io.on('connection', (socket) => {
  socket.on('join', async ({ room }: { room: string }) => {
    await socket.join(room);
    socket.emit('joined');
  });
  socket.on('leave', async ({ room }: { room: string }) => {
    await socket.leave(room);
    socket.emit('left');
  });
  socket.on('publish', ({ room, content }: { room: string; content: unknown }, acknowledge?: () => void) => {
    socket.to(room).emit('message', content);
    acknowledge?.();
  });
  socket.on('ping', () => socket.emit('pong', { server_ts: Date.now() }));
});

http.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  console.log(`ws://127.0.0.1:${(http.address() as AddressInfo).port}/socket.io/`);
});
