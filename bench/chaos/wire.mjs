import { WebSocket } from 'ws';

/** A connection with nothing around it: commands, their answers, and what was pushed. */
export class Wire {
  pushes = [];
  #waiting = new Map();
  #nextId = 1;

  constructor(socket) {
    this.socket = socket;
    socket.on('message', (bytes) => {
      const { message_type: type, request_id: id, data } = JSON.parse(bytes.toString());
      if (id === undefined) this.pushes.push({ type, data });
      else this.#waiting.get(id)?.({ type, data });
      this.#waiting.delete(id);
    });
    socket.on('close', () => {
      for (const resolve of this.#waiting.values()) resolve({ type: 'error', data: { name: 'Disconnected' } });
    });
    socket.on('error', () => {});
  }

  static async open(url, token) {
    const socket = new WebSocket(url, ['hubbub.v1', `bearer.${token}`], { perMessageDeflate: false });
    const wire = new Wire(socket);
    await new Promise((resolve, reject) => {
      socket.once('message', resolve);
      socket.once('error', reject);
    });
    return wire;
  }

  /** @returns `{ type, data }` of the answer, an error too */
  command(type, data) {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.socket.send(JSON.stringify({ message_type: type, message_id: id, data }));
    });
  }

  close() {
    this.socket.close(1000);
  }
}
