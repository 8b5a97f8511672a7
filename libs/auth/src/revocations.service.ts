import { Control, NodeInfo, Nodes } from '@hubbub/bus';
import { Database } from '@hubbub/storage';
import { type Connection, Connections } from '@hubbub/transport';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from './clock.js';
import { refreshTokens } from './refresh-tokens.js';
import { type Revocation, RevocationIndex, type TokenFacts } from './revocation-index.js';
import { revocationStore } from './revocation-store.js';

const CONTROL = 'auth.revoke';

/** What came of a revocation, cluster-wide. */
export interface RevocationOutcome {
  /** Connections that were closed with 4502. */
  readonly closed: number;
  /** Nodes that confirmed. */
  readonly nodes: number;
  /** Nodes that did not: they learn it from the database. */
  readonly unconfirmed: readonly string[];
}

/**
 * Revocations: stored, kept in memory on every node, and enforced on live connections. The database is the truth; the
 * control message only makes the other nodes quick.
 */
@Injectable()
export class Revocations implements OnModuleInit {
  private readonly logger = new Logger(Revocations.name);
  private readonly index = new RevocationIndex();
  /** Number of the latest revocation that was read. */
  private synced = -1;

  constructor(
    private readonly database: Database,
    private readonly nodes: Nodes,
    private readonly node: NodeInfo,
    private readonly control: Control,
    private readonly connections: Connections,
    private readonly clock: Clock,
  ) {}

  async onModuleInit(): Promise<void> {
    this.control.handle(CONTROL, (revocation: Revocation) => ({ closed: this.enforce(revocation) }));
    // A revocation that came between the check of a token and the opening of its connection found nothing to close.
    this.connections.onIdentified((connection) => this.closeIfRefused(connection));
    await this.sync();
  }

  refuses(token: TokenFacts): boolean {
    return this.index.refuses(token);
  }

  /**
   * The `iat` for a token of this user that is made now: one that no revocation up to now refuses. To be asked in the
   * transaction that makes the token, after it has changed the user's sign-ins: no revocation comes in between then.
   */
  async issuedAtS(manager: EntityManager, userId: string): Promise<number> {
    return this.after(await revocationStore.find(manager, 'user', userId));
  }

  /** Refuses all the user's tokens issued up to this second, ends his sign-ins, closes his connections. */
  async revokeUser(userId: string): Promise<RevocationOutcome> {
    const revocation = await this.database.transaction(async (manager) => {
      await refreshTokens.endAll(manager, userId);
      // Beyond the earlier one, so that a token which `issuedAtS` moved behind it is refused as well.
      const earlier = await revocationStore.find(manager, 'user', userId);
      // And beyond all clocks: a token that another node has just made may bear a second that has not begun here.
      const revokedAtS = Math.max(Math.floor(this.clock.latest() / 1000), this.after(earlier));
      const made: Revocation = { kind: 'user', subject: userId, revokedAtS, expiresAt: null };
      await revocationStore.put(manager, made);
      return made;
    });
    return this.announce(revocation);
  }

  /** Refuses one token, for good: when it would end by itself is not known here. */
  async revokeToken(tokenId: string): Promise<RevocationOutcome> {
    const revocation: Revocation = { kind: 'token', subject: tokenId, revokedAtS: this.nowS(), expiresAt: null };
    await this.database.transaction((manager) => revocationStore.put(manager, revocation));
    return this.announce(revocation);
  }

  /** Stores the end of one sign-in, in the caller's transaction; to be announced after the commit. */
  async putSession(manager: EntityManager, sessionId: string, userId: string, expiresAt: number): Promise<Revocation> {
    const revocation: Revocation = { kind: 'session', subject: sessionId, revokedAtS: this.nowS(), expiresAt, userId };
    await revocationStore.put(manager, revocation);
    return revocation;
  }

  /** Enforces a revocation that is stored, here and on all nodes. A bus that is away does not make it fail. */
  async announce(revocation: Revocation): Promise<RevocationOutcome> {
    const closedHere = this.enforce(revocation);
    try {
      const { results, nodes, unconfirmed } = await this.control.call<{ closed: number }>(CONTROL, revocation);
      return { closed: results.reduce((sum, { closed }) => sum + closed, closedHere), nodes, unconfirmed };
    } catch (error) {
      this.logger.warn({ msg: 'revocation could not be told to other nodes', err: error });
      const others = this.nodes.alive().filter((nodeId) => nodeId !== this.node.nodeId);
      return { closed: closedHere, nodes: 1, unconfirmed: others };
    }
  }

  /** Reads what the control messages may have missed. */
  async sync(): Promise<void> {
    const stored = await this.database.read((manager) => revocationStore.after(manager, this.synced));
    for (const { number, ...revocation } of stored) {
      this.enforce(revocation);
      this.synced = Math.max(this.synced, number);
    }
  }

  /** Forgets revocations of tokens that have ended by themselves. */
  async prune(): Promise<void> {
    const now = this.clock.now();
    this.index.prune(now);
    await this.database.transaction((manager) => revocationStore.prune(manager, now));
  }

  /** @returns how many connections of this node it closed */
  private enforce(revocation: Revocation): number {
    if (!this.index.add(revocation)) return 0;
    const userId = revocation.kind === 'user' ? revocation.subject : revocation.userId;
    let closed = 0;
    // Copied, as closing may change the set.
    for (const connection of [...(userId === undefined ? this.connections.all() : this.connections.ofUser(userId))]) {
      if (this.closeIfRefused(connection)) closed++;
    }
    return closed;
  }

  private closeIfRefused(connection: Connection): boolean {
    const { identity } = connection;
    // Not `isOpen`: a connection that came with a token is identified before it is open.
    if (identity === null || connection.hasEnded || !this.index.refuses(identity)) return false;
    connection.close('Revoked');
    return true;
  }

  /** The first second that an earlier revocation of a user says nothing about. */
  private after(earlier: Revocation | null): number {
    return Math.max(this.nowS(), (earlier?.revokedAtS ?? -1) + 1);
  }

  private nowS(): number {
    return Math.floor(this.clock.now() / 1000);
  }
}
