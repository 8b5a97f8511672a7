import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { Record } from './record.mjs';

const CONNECT_MS = 3000;
/** A connection that says nothing for this long, though it was asked, is given up. */
const PATIENCE_MS = 3000;
const PING_MS = 1000;
const ANSWER_MS = 15_000;
const RETRY_MS = 200;
const PAGE = 200;
/** Of one person: one leads to the next. */
const MOST_FAULTS = 5;

/**
 * One person in one room: receives, sends, repeats what was not acknowledged, goes to another node when its own is lost. Speaks
 * the protocol itself, without the client library, so that a fault of the library cannot hide one of the gateway.
 */
export class Person {
  record = new Record();
  /** Sends whose reply has not come: key → content. */
  unacknowledged = new Map();
  /** What was acknowledged: key → seq. */
  acknowledged = new Map();
  /** Keys that were sent more than once. */
  repeatedKeys = new Set();
  duplicates = 0;
  connections = 0;
  /** What the gateway said instead of replies, by name. */
  errors = new Map();
  /** What no gateway may ever do. */
  faults = [];

  #socket;
  #inRoom = false;
  #isLeaving = false;
  #nextId = 1;
  #waiting = new Map();
  #sent = 0;
  #transmitted = new Set();
  #running;
  #lastHeard = 0;
  #at;
  #patienceMs;

  /** @param urls of all nodes; it begins at the one with number `at` */
  constructor({ name, token, room, urls, at, patienceMs = PATIENCE_MS }) {
    this.name = name;
    this.token = token;
    this.room = room;
    this.urls = urls;
    this.#at = at;
    this.#patienceMs = patienceMs;
  }

  get isIn() {
    return this.#inRoom;
  }

  /** Comes, and stays until `leave`, over as many connections as it takes. Resolves when it is in the room. */
  async come() {
    this.#running = this.#stay();
    while (!this.#inRoom && !this.#isLeaving) await sleep(10);
  }

  async leave() {
    this.#isLeaving = true;
    this.#socket?.close(1000);
    const patience = setTimeout(() => this.#socket?.terminate(), 2000);
    await this.#running;
    clearTimeout(patience);
  }

  /** Posts to its room; the answer is noted when it comes. */
  send() {
    const n = ++this.#sent;
    const key = `${this.name}-${n}`;
    this.unacknowledged.set(key, { key, from: this.name, n, pad: 'x'.repeat(64) });
    if (this.#inRoom) this.#transmit(key);
  }

  async #stay() {
    for (let attempt = 0; !this.#isLeaving; attempt++) {
      try {
        await this.#live();
        attempt = 0;
      } catch (error) {
        this.#count(error.message);
      }
      this.#inRoom = false;
      this.#at++;
      if (!this.#isLeaving) await sleep(Math.random() * Math.min(2000, 200 * 2 ** Math.min(attempt, 5)));
    }
  }

  /** One connection, from the handshake to its end. */
  async #live() {
    const url = this.urls[this.#at % this.urls.length];
    const socket = new WebSocket(url, ['hubbub.v1', `bearer.${this.token}`], {
      perMessageDeflate: false,
      handshakeTimeout: CONNECT_MS,
    });
    this.#socket = socket;
    const closed = new Promise((resolve, reject) => {
      socket.once('close', (code) => resolve(code));
      socket.once('error', (error) => reject(new Error(error.code ?? error.message)));
    });
    // Whoever fails first is told; the other is not to end the process.
    closed.catch(() => {});
    const connected = new Promise((resolve) => {
      socket.on('message', (bytes) => {
        this.#lastHeard = performance.now();
        const frame = JSON.parse(bytes.toString());
        if (frame.message_type === 'connected') resolve();
        else this.#frame(frame);
      });
    });
    let watch;
    try {
      await Promise.race([connected, closed.then((code) => this.#lost(code)), late(CONNECT_MS, 'no connected frame')]);
      this.connections++;
      this.#lastHeard = performance.now();
      watch = setInterval(() => this.#watch(socket), PING_MS);
      await Promise.race([this.#join(), closed.then((code) => this.#lost(code))]);
      this.#inRoom = true;
      for (const key of this.unacknowledged.keys()) this.#transmit(key);
      await closed;
    } finally {
      clearInterval(watch);
      this.#inRoom = false;
      socket.terminate();
      for (const { reject } of this.#waiting.values()) reject(new Error('connection lost'));
      this.#waiting.clear();
    }
  }

  #lost(code) {
    throw new Error(`closed with ${code}`);
  }

  #watch(socket) {
    if (performance.now() - this.#lastHeard > this.#patienceMs) socket.terminate();
    else if (socket.readyState === WebSocket.OPEN) socket.send('{"message_type":"ping"}');
  }

  async #join() {
    const { record, room } = this;
    const socket = this.#socket;
    const since = record.seq === undefined ? undefined : { epoch: record.epoch, seq: record.seq };
    for (;;) {
      try {
        await this.#command('join_room', { room_id: room, history: 0, ...(since && { since }) });
        return;
      } catch (error) {
        this.#count(error.name === 'Error' ? error.message : error.name);
        if (!error.retryable) throw error;
        await sleep(RETRY_MS);
        if (socket !== this.#socket) throw error;
      }
    }
  }

  #transmit(key) {
    const socket = this.#socket;
    const content = this.unacknowledged.get(key);
    if (this.#transmitted.has(key)) this.repeatedKeys.add(key);
    this.#transmitted.add(key);
    this.#command('room_message', { room_id: this.room, content, idempotency_key: key }).catch(async (error) => {
      if (error.message === 'connection lost') return;
      this.#count(error.name);
      if (!error.retryable) {
        this.faults.push(`${this.name}: ${error.name} ${error.message}`);
        this.unacknowledged.delete(key);
        return;
      }
      await sleep(RETRY_MS);
      if (this.#inRoom && socket === this.#socket && this.unacknowledged.has(key)) this.#transmit(key);
    });
  }

  /** Posts a command. What its reply says of the room is noted in the order of the frames, not of the promises. */
  #command(type, data) {
    const id = this.#nextId++;
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#count('no answer');
        socket.terminate();
      }, ANSWER_MS);
      const done = (settle) => (value) => {
        clearTimeout(timer);
        settle(value);
      };
      this.#waiting.set(id, { type, data, resolve: done(resolve), reject: done(reject) });
      socket.send(JSON.stringify({ message_type: type, message_id: id, data }));
    });
  }

  #frame({ message_type: type, request_id: id, data }) {
    if (type === 'room_message') {
      if (data.room_id === this.room) this.#take('push', data.seq, data.content.key);
      return;
    }
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    if (type === 'error') {
      const { name, message, retryable } = data;
      waiting.reject(Object.assign(new Error(message), { name, retryable }));
      return;
    }
    if (type === 'room_joined') this.#joined(waiting.data, data);
    if (type === 'room_message_sent') this.#acknowledge(waiting.data, data);
    waiting.resolve(data);
  }

  #joined({ since }, { epoch, seq, recovered, messages }) {
    const { record } = this;
    if (since === undefined) {
      record.start(epoch, seq);
      return;
    }
    if (epoch !== record.epoch) this.faults.push(`${this.name}: the room has another epoch`);
    // What was not recovered stays lost, and is counted as such: nobody is away for so long here.
    if (!recovered) this.faults.push(`${this.name}: not recovered since ${since.seq}, head ${seq}`);
    for (const message of messages) this.#take('recovered', message.seq, message.content.key);
    if (recovered && record.seq !== seq) this.faults.push(`${this.name}: recovered up to ${record.seq}, head ${seq}`);
  }

  #acknowledge({ idempotency_key: key, content }, { seq, duplicate }) {
    const before = this.acknowledged.get(key);
    if (before !== undefined && before !== seq) this.faults.push(`${key}: acknowledged as ${before} and as ${seq}`);
    this.acknowledged.set(key, seq);
    if (!this.unacknowledged.delete(key)) return;
    // A duplicate came back with the recovered history, or as a push; it is not news.
    if (duplicate) this.duplicates++;
    else this.#take('reply', seq, content.key);
  }

  /** Whatever it is of which the next message should have been another one, it is told in words. */
  #take(how, seq, key) {
    const { record } = this;
    const wanted = record.seq + 1;
    if (seq !== wanted && this.faults.length < MOST_FAULTS) {
      this.faults.push(`${this.name}: ${how} ${seq} instead of ${wanted}, connection ${this.connections}`);
    }
    record.take(seq, key);
  }

  #count(name) {
    this.errors.set(name, (this.errors.get(name) ?? 0) + 1);
  }

  /** The pages of the room's log that a gateway has, oldest first. */
  static async readLog(http, token, room) {
    const messages = [];
    for (let after = 0, more = true; more; ) {
      const response = await fetch(`${http}/api/rooms/${room}/messages?after=${after}&limit=${PAGE}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      if (!response.ok) throw new Error(`reading ${room} was answered ${response.status}`);
      const page = await response.json();
      messages.push(...page.messages);
      more = page.has_more;
      after = messages.at(-1)?.seq ?? 0;
    }
    return messages;
  }
}

function late(ms, what) {
  return new Promise((_, reject) => setTimeout(() => reject(new Error(what)), ms).unref());
}
