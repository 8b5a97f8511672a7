/** Rooms on `ws` and nothing else: sets of sockets, one JSON object a frame. What peers differ in is how a message is delivered. */
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { tokenOptions } from './token-check.js';

interface Room {
  readonly members: Set<WebSocket>;
  /** Messages in memory, for who comes back. */
  readonly kept: string[];
}
interface Data {
  readonly room: string;
  readonly content?: unknown;
  readonly ack?: boolean;
  readonly since?: number;
}

/** @param deliver sends the text to every member but the sender */
export function serveRooms(deliver: (members: Set<WebSocket>, sender: WebSocket, text: string) => void) {
  const rooms = new Map<string, Room>();
  const roomOf = (id: string) => {
    const room = rooms.get(id) ?? { members: new Set(), kept: [] };
    rooms.set(id, room);
    return room;
  };
  const server = new WebSocketServer({
    ...{ host: '127.0.0.1', port: 0, backlog: 4096, perMessageDeflate: false, clientTracking: false },
    ...tokenOptions,
  });

  server.on('connection', (socket) => {
    let room: Room | null = null;
    const serve = (event: string, data: Data) => {
      switch (event) {
        case 'join': {
          room = roomOf(data.room);
          room.members.add(socket);
          const missed = data.since === undefined ? '' : `,"messages":[${room.kept.slice(data.since).join()}]`;
          return socket.send(`{"event":"joined"${missed}}`);
        }
        case 'leave':
          room?.members.delete(socket);
          return socket.send('{"event":"left"}');
        case 'publish':
          if (room !== null) deliver(room.members, socket, JSON.stringify({ event: 'message', data: data.content }));
          return data.ack && socket.send('{"event":"published"}');
        case 'keep':
          roomOf(data.room).kept.push(JSON.stringify({ event: 'message', data: data.content }));
          return socket.send('{"event":"kept"}');
        case 'ping':
          return socket.send(JSON.stringify({ event: 'pong', data: { server_ts: Date.now() } }));
      }
    };
    socket.on('message', (frame) => {
      const { event, data } = JSON.parse((frame as Buffer).toString());
      serve(event, data);
    });
    socket.on('close', () => room?.members.delete(socket));
    socket.send('{"event":"connected"}');
  });

  server.on('listening', () => console.log(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`));
}
