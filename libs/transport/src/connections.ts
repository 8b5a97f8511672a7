import { HubbubConfig } from '@hubbub/config';
import { HubbubError } from '@hubbub/protocol';
import { Injectable, Logger } from '@nestjs/common';
import { clientNetwork } from './client-network.js';
import type { ConnectionEnd } from './command-connection.js';
import type { Connection } from './connection.js';
import type { Identity } from './identity.js';
import { type PlaceRefusal, Places } from './places.js';

type ConnectionListener = (connection: Connection) => void;
type ClosedListener = (connection: Connection, end: ConnectionEnd) => void;
type UserListener = (userId: string) => void;

const NOBODY: ReadonlySet<Connection> = new Set();

/** What a caller is told who should come back when somebody else has left. */
const RETRY_AFTER_MS = 5000;

/** The connections of this node and whose they are. Listeners are synchronous, in order; one that throws is logged. */
@Injectable()
export class Connections {
  /**
   * How many connections a user has at other nodes, as far as is known: for whoever knows it to replace. They count where the
   * policy is to refuse. To make room a node closes its own alone; whoever knows of those elsewhere sees to them.
   */
  countElsewhere: (userId: string) => number = () => 0;
  private readonly logger = new Logger('Connections');
  private readonly byId = new Map<string, Connection>();
  private readonly byUser = new Map<string, Set<Connection>>();
  private readonly places = new Places();
  private readonly opened: ConnectionListener[] = [];
  private readonly identified: ConnectionListener[] = [];
  private readonly closed: ClosedListener[] = [];
  private readonly online: UserListener[] = [];
  private readonly offline: UserListener[] = [];

  constructor(private readonly config: HubbubConfig) {}

  /** Connections, those included whose handshake is under way. */
  get count(): number {
    return this.byId.size;
  }

  /** Users with a connection, anonymous ones included. */
  get userCount(): number {
    return this.byUser.size;
  }

  all(): IterableIterator<Connection> {
    return this.byId.values();
  }

  get(id: string): Connection | undefined {
    return this.byId.get(id);
  }

  ofUser(userId: string): ReadonlySet<Connection> {
    return this.byUser.get(userId) ?? NOBODY;
  }

  /**
   * Gives a connection its identity, or a new token of the same user.
   * @throws HubbubError RateLimited when the user has too many connections and the policy is to refuse; Forbidden when it
   *   is somebody else's already, or anonymous
   */
  identify(connection: Connection, identity: Identity): void {
    const before = connection.identity;
    if (before !== null) {
      if (before.anonymous || before.userId !== identity.userId) throw new HubbubError('Forbidden');
      connection.identity = identity;
    } else {
      this.makeRoomFor(identity);
      this.seat(connection, identity);
    }
    this.tell(this.identified, connection);
  }

  /** Takes back the identity that `identify` has just given: the inbox could not be opened. */
  unidentify(connection: Connection): void {
    const { identity } = connection;
    if (identity === null) return;
    connection.identity = null;
    this.unseat(connection, identity);
  }

  /** Told when a connection is open: `connected` is on its way. */
  onOpen(listener: ConnectionListener): void {
    this.opened.push(listener);
  }

  /** Told when a connection has an identity, before it is open if it came with a token; and at each new token. */
  onIdentified(listener: ConnectionListener): void {
    this.identified.push(listener);
  }

  /**
   * Told when a connection has ended, also one that never opened because its handshake was broken off. `identity` is
   * still there. `clean`: a close frame came or the server closed it on purpose; otherwise it was lost.
   */
  onClosed(listener: ClosedListener): void {
    this.closed.push(listener);
  }

  /** Told when a user's first connection on this node is identified. */
  onUserOnline(listener: UserListener): void {
    this.online.push(listener);
  }

  /** Told when a user's last connection on this node has ended. */
  onUserOffline(listener: UserListener): void {
    this.offline.push(listener);
  }

  /** Lets an upgrade try, until `remove`. */
  admit(connection: Connection): PlaceRefusal | null {
    const refusal = this.places.enter(clientNetwork(connection.remoteAddress), this.config.server);
    if (refusal === null) this.byId.set(connection.id, connection);
    return refusal;
  }

  /** Takes a place on the node for an upgrade that was let try. Returns whether there is one for this user. */
  claim(connection: Connection, userId: string | null): boolean {
    connection.hasPlace = this.places.claim(userId, this.config.server, Date.now());
    return connection.hasPlace;
  }

  announceOpen(connection: Connection): void {
    this.tell(this.opened, connection);
  }

  /** Called once by the wire when `connection` has ended. */
  remove(connection: Connection, end: ConnectionEnd): void {
    if (!this.byId.delete(connection.id)) return;
    const { identity, remoteAddress } = connection;
    const returning = identity === null || identity.anonymous || end.clean ? null : identity.userId;
    this.places.exit(clientNetwork(remoteAddress));
    if (connection.hasPlace) this.places.release(returning, this.config.server, Date.now());
    for (const listener of this.closed) this.guard(() => listener(connection, end));
    if (identity !== null) this.unseat(connection, identity);
  }

  private makeRoomFor({ userId }: Identity): void {
    const { connectionsPerUser, connectionsPerUserPolicy } = this.config.limits;
    const present = this.ofUser(userId);
    if (connectionsPerUserPolicy === 'refuse') {
      if (present.size + this.countElsewhere(userId) < connectionsPerUser) return;
      const message = 'This user has too many connections.';
      throw new HubbubError('RateLimited', { message, retryAfterMs: RETRY_AFTER_MS });
    }
    // A Set keeps the order of insertion: the first are the oldest.
    const surplus = Math.max(0, present.size - connectionsPerUser + 1);
    for (const oldest of [...present].slice(0, surplus)) oldest.close('Replaced');
  }

  private seat(connection: Connection, identity: Identity): void {
    connection.identity = identity;
    const seated = this.byUser.get(identity.userId);
    if (seated !== undefined) {
      seated.add(connection);
      return;
    }
    this.byUser.set(identity.userId, new Set([connection]));
    this.tell(this.online, identity.userId);
  }

  private unseat(connection: Connection, { userId }: Identity): void {
    const seated = this.byUser.get(userId);
    if (seated === undefined || !seated.delete(connection) || seated.size > 0) return;
    this.byUser.delete(userId);
    this.tell(this.offline, userId);
  }

  private tell<T>(listeners: readonly ((subject: T) => void)[], subject: T): void {
    for (const listener of listeners) this.guard(() => listener(subject));
  }

  private guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.logger.error({ msg: 'connection listener failed', err: error });
    }
  }
}
