import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { signToken } from '../token.mjs';
import { takeStock } from './account.mjs';
import { Node } from './node.mjs';
import { Person } from './person.mjs';

/** How long what is under way may take to come to rest, in s. Longer is a fault. */
const PATIENCE_S = 30;
const JOIN_AT_ONCE = 50;
/** How long what goes away is away, in ms. */
const TIMES = { away: 5000, frozen: 8000 };
const PERMISSIONS = ['read:message', 'send:message', 'join:room', 'leave:room'];

/** The gateways of one case, the people in their rooms, and what becomes of them. */
export class World {
  people = [];
  faults = [];
  #secret;
  #loads = [];

  /**
   * @param options `size`: `{ nodes, rooms, people, rate }`, with people in all, and messages a second of each sender; `times`:
   *   `{ away, frozen }`; `nodes`: gateways that run already, which sign with `secret`
   */
  constructor({ servers, folder, size, times = TIMES, nodes = [], secret = randomBytes(48).toString('hex') }) {
    this.nodes = nodes;
    this.#secret = secret;
    this.servers = servers;
    this.folder = folder;
    this.size = size;
    this.times = times;
  }

  /**
   * Starts the gateways on an empty database.
   * @param options `bus`: `nats`, `redis` or undefined; `database`: `postgres`, `mariadb` or `sqlite`; `program` and `imports` of
   *   each gateway; `env` of all
   */
  async start({ bus, database = 'postgres', program, imports = () => [], env = {} }) {
    const { servers } = this;
    await servers.need([database, bus].filter((name) => name && name !== 'sqlite'));
    if (database !== 'sqlite') this.databaseUrl = await servers.newDatabase(database);
    const shared = {
      HUBBUB_AUTH_SECRET: this.#secret,
      HUBBUB_DATA_DIR: this.folder,
      ...(this.databaseUrl && { HUBBUB_DATABASE_TYPE: database, HUBBUB_DATABASE_URL: this.databaseUrl }),
      ...(bus && { HUBBUB_BUS_TYPE: bus, HUBBUB_BUS_URL: servers.url(bus) }),
      HUBBUB_SERVER_MAX_CONNECTIONS_PER_IP: '100000',
      HUBBUB_LIMITS_COMMANDS_PER_S: '100000',
      HUBBUB_LIMITS_COMMANDS_BURST: '100000',
      HUBBUB_LIMITS_HTTP_PER_S: '100000',
      HUBBUB_LIMITS_HTTP_BURST: '100000',
      HUBBUB_LIMITS_ROOMS_PER_USER: '100000',
      HUBBUB_DRAIN_TIMEOUT_MS: '10000',
      ...env,
    };
    for (let n = 0; n < this.size.nodes; n++) {
      const name = `node-${n}`;
      const log = join(this.folder, `${name}.log`);
      const options = { env: shared, log, imports: imports(n), ...(program && { program }) };
      this.nodes.push(await Node.at(name, options));
    }
    await Promise.all(this.nodes.map((node) => node.start()));
  }

  get urls() {
    return this.nodes.map(({ url }) => url);
  }

  token(userId, permissions = PERMISSIONS) {
    return signToken(this.#secret, userId, permissions);
  }

  /** Asks the HTTP API of a node that runs, as an operator. */
  async api(path, init = {}) {
    const node = this.nodes.find(({ isRunning }) => isRunning);
    return fetch(`${node.http}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${this.token('admin', ['admin:system'])}`, 'content-type': 'application/json' },
    });
  }

  async makeRoom(id, maxClients = 0) {
    const body = JSON.stringify({ id, max_clients: maxClients });
    const { status } = await this.api('/api/rooms', { method: 'POST', body });
    if (status !== 201) throw new Error(`making ${id} was answered ${status}`);
  }

  /**
   * Fills the rooms: everybody in one, those of a room spread over the nodes.
   * @param patienceMs how long people wait for a node that is silent
   */
  async fill(patienceMs) {
    const { rooms, people } = this.size;
    const ids = Array.from({ length: rooms }, (_, n) => `room-${n}`);
    await Promise.all(ids.map((id) => this.makeRoom(id)));
    for (let n = 0; n < people; n++) {
      const name = `person-${n}`;
      const at = Math.floor(n / rooms) % this.nodes.length;
      const room = ids[n % rooms];
      this.people.push(new Person({ name, token: this.token(name), room, urls: this.urls, at, patienceMs }));
    }
    for (let at = 0; at < people; at += JOIN_AT_ONCE) {
      const some = this.people.slice(at, at + JOIN_AT_ONCE);
      await this.#patiently(Promise.all(some.map((person) => person.come())), 'everybody to come');
    }
    // Two senders in two of three rooms, at different nodes; one in each of the others.
    this.senders = this.people.filter((_, n) => n < rooms || (n < 2 * rooms && n % 3 !== 0));
  }

  /** People talk for `ms`, and longer if it takes longer; something happens meanwhile. @returns the row of the table */
  async endure(fault, ms) {
    const stop = this.#load();
    const began = performance.now();
    await sleep(ms / 4);
    await fault?.(this);
    await sleep(Math.max(ms / 4, ms - (performance.now() - began)));
    stop();
    return this.#settle();
  }

  /** From now on everybody who sends does so steadily. @returns what ends it */
  #load() {
    const every = 1000 / this.size.rate;
    const timers = new Set();
    for (const person of this.people) person.record.listen(true);
    for (const person of this.senders) {
      const timer = setTimeout(() => timers.add(setInterval(() => person.send(), every)), Math.random() * every);
      timers.add(timer);
    }
    const end = () => {
      for (const timer of timers) clearTimeout(timer);
      for (const person of this.people) {
        person.record.heard();
        person.record.listen(false);
      }
    };
    this.#loads.push(end);
    return end;
  }

  /** Waits until all is said and heard, and compares. */
  async #settle() {
    const { people } = this;
    await this.#until(() => people.every(({ isIn }) => isIn), 'everybody to be back');
    await this.#until(() => people.every(({ unacknowledged }) => unacknowledged.size === 0), 'all acknowledgements');
    const logs = new Map();
    for (const room of new Set(people.map((person) => person.room))) logs.set(room, await this.#readLog(room));
    const head = ({ room }) => logs.get(room).at(-1)?.seq ?? 0;
    await this.#until(() => people.every((person) => person.record.seq >= head(person)), 'the last deliveries');
    await this.#seatsAreRight();
    const row = takeStock(people, logs);
    const died = this.nodes.filter(({ hasDied }) => hasDied);
    this.faults.push(...row.faults, ...died.map((node) => `${node.name} ended by itself: ${node.lastWords()}`));
    return { ...row, faults: this.faults };
  }

  #readLog(room) {
    const { http } = this.nodes.find(({ isRunning }) => isRunning);
    return Person.readLog(http, this.token('admin', ['admin:system']), room);
  }

  /** Those who are in a room are its members, and nobody else: no seat is lost or left over. */
  async #seatsAreRight() {
    const rooms = Map.groupBy
      ? Map.groupBy(this.people, ({ room }) => room)
      : new Map(this.people.map(({ room }) => [room, this.people.filter((person) => person.room === room)]));
    let wrong = [];
    await this.#until(async () => {
      wrong = [];
      for (const [room, people] of rooms) {
        const { members } = await (await this.api(`/api/rooms/${room}/members?limit=200`)).json();
        const found = members.map(({ user_id }) => user_id).sort();
        const wanted = people.map(({ name }) => name).sort();
        if (found.join() !== wanted.join()) wrong.push(`${room}: ${found.length} members instead of ${wanted.length}`);
      }
      return wrong.length === 0;
    }, 'the seats to be those of the people there');
    this.faults.push(...wrong);
  }

  async #until(condition, what) {
    for (const end = Date.now() + PATIENCE_S * 1000; !(await condition()); await sleep(50)) {
      if (Date.now() < end) continue;
      this.faults.push(`gave up waiting for ${what}`);
      return;
    }
  }

  async #patiently(promise, what) {
    const timer = new AbortController();
    const late = sleep(PATIENCE_S * 1000, undefined, { signal: timer.signal }).then(() => {
      throw new Error(`gave up waiting for ${what}`);
    });
    late.catch(() => {});
    try {
      await Promise.race([promise, late]);
    } finally {
      timer.abort();
    }
  }

  /** Ends everything that this case has started. */
  async end() {
    for (const end of this.#loads) end();
    await Promise.all(this.people.map((person) => person.leave()));
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}
