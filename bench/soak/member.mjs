import { WebSocket } from 'ws';
import { Ledger } from './ledger.mjs';

/**
 * One person of the soak: in a few rooms, sending, dropping, coming back. Speaks the protocol itself, without the client
 * library, so that a fault of the library cannot hide one of the server.
 */
export class Member {
  /** What it has of each room. @type {Map<string, Ledger>} */
  ledgers = new Map();
  /** Sends whose reply has not come: key → { roomId, content }. They are repeated after coming back. */
  unacknowledged = new Map();
  acknowledged = 0;
  duplicates = 0;
  recoveredMessages = 0;
  recoveries = 0;
  errors = new Map();

  #socket;
  #nextId = 1;
  #waiting = new Map();
  #keys = 0;
  #ready = Promise.resolve();
  #inRooms = false;

  constructor({ url, token, name, rooms }) {
    this.url = url;
    this.token = token;
    this.name = name;
    for (const room of rooms) this.ledgers.set(room, new Ledger());
  }

  /** Connects, joins its rooms and repeats what was not acknowledged. */
  connect() {
    this.#ready = this.#open();
    return this.#ready;
  }

  async #open() {
    const socket = new WebSocket(this.url, ['hubbub.v1', `bearer.${this.token}`], { perMessageDeflate: false });
    this.#socket = socket;
    await new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.on('message', (bytes) => {
        const frame = JSON.parse(bytes.toString());
        if (frame.message_type === 'connected') resolve();
        else this.#frame(frame);
      });
      socket.once('close', (code) => {
        this.#inRooms = false;
        reject(new Error(`closed with ${code}`));
        for (const { reject: fail } of this.#waiting.values()) fail(new Error('connection lost'));
        this.#waiting.clear();
      });
    });
    for (const [room, ledger] of this.ledgers) await this.#join(room, ledger);
    this.#inRooms = true;
    for (const key of this.unacknowledged.keys()) this.#transmit(key);
  }

  get connected() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Ends the connection: politely, or as a network does. */
  async drop(rudely) {
    await this.#ready.catch(() => {});
    const socket = this.#socket;
    const closed = new Promise((resolve) => {
      if (socket.readyState === WebSocket.CLOSED) resolve();
      else socket.once('close', resolve);
    });
    if (rudely) socket.terminate();
    else socket.close(1000);
    await closed;
  }

  /** Posts to a room; the answer is noted when it comes. */
  send(roomId) {
    const key = `${this.name}-${++this.#keys}`;
    this.unacknowledged.set(key, { roomId, content: { from: this.name, n: this.#keys, pad: 'x'.repeat(80) } });
    if (this.connected && this.#inRooms) this.#transmit(key);
  }

  #transmit(key) {
    const { roomId, content } = this.unacknowledged.get(key);
    this.#command('room_message', { room_id: roomId, content, idempotency_key: key }).catch((error) => {
      const name = error.name ?? 'Error';
      if (error.message !== 'connection lost') this.errors.set(name, (this.errors.get(name) ?? 0) + 1);
    });
  }

  async #join(room, ledger) {
    const back = ledger.seq !== undefined;
    const since = back ? { epoch: ledger.epoch, seq: ledger.seq } : undefined;
    await this.#command('join_room', { room_id: room, history: 0, ...(since ? { since } : {}) });
    if (back) this.recoveries++;
  }

  /** Posts a command. The reply's effect on the ledger is noted in the order of the frames, not of the promises. */
  #command(type, data) {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { type, data, resolve, reject });
      this.#socket.send(JSON.stringify({ message_type: type, message_id: id, data }));
    });
  }

  #frame({ message_type: type, request_id: id, data }) {
    if (type === 'room_message') {
      this.ledgers.get(data.room_id).see(data.seq);
      return;
    }
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    if (type === 'error') {
      waiting.reject(Object.assign(new Error(data.message), { name: data.name }));
      return;
    }
    if (type === 'room_joined') this.#joined(waiting.data, data);
    if (type === 'room_message_sent') this.#acknowledge(waiting.data, data);
    waiting.resolve(data);
  }

  #joined({ since }, data) {
    const ledger = this.ledgers.get(data.room_id);
    if (since === undefined) {
      ledger.start(data.epoch, data.seq);
      return;
    }
    if (!data.recovered) return; // Its messages stay lost, and are counted as such at the end.
    for (const { seq } of data.messages) ledger.see(seq);
    this.recoveredMessages += data.messages.length;
  }

  #acknowledge({ idempotency_key: key }, { room_id, seq, duplicate }) {
    if (!this.unacknowledged.delete(key)) return;
    this.acknowledged++;
    // A duplicate came back with the recovered history, or as a push to another connection; it is not news.
    if (duplicate) this.duplicates++;
    else this.ledgers.get(room_id).see(seq);
  }
}
