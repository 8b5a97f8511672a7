/** The floor: `ws` and nothing else. Rooms are sets, a message is encoded once and sent to every other member. */
import { WebSocketServer } from 'ws';

const rooms = new Map();
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, clientTracking: false });

server.on('connection', (socket) => {
  let room = null;
  socket.on('message', (frame) => {
    const { event, data } = JSON.parse(frame);
    switch (event) {
      case 'join':
        room = rooms.get(data.room) ?? new Set();
        rooms.set(data.room, room.add(socket));
        socket.send('{"event":"joined"}');
        break;
      case 'publish': {
        const text = JSON.stringify({ event: 'message', data: data.content });
        for (const member of room ?? []) if (member !== socket) member.send(text);
        break;
      }
      case 'ping':
        socket.send(JSON.stringify({ event: 'pong', data: { server_ts: Date.now() } }));
        break;
    }
  });
  socket.on('close', () => room?.delete(socket));
});

server.on('listening', () => console.log(`ws://127.0.0.1:${server.address().port}/`));
