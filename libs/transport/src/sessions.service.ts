import { HubbubConfig } from '@hubbub/config';
import { HubbubError, type Session } from '@hubbub/protocol';
import { Injectable, Optional } from '@nestjs/common';
import type { Connection } from './connection.js';
import { Connections } from './connections.js';
import { Identification } from './identification.js';
import { type Identity, Inboxes, NodeIdentity } from './identity.js';
import { describeSession } from './session.js';
import { SpokenContract } from './spoken-contract.js';

/** Who a connection is: at the upgrade, by `authenticate` later, and as both are told. */
@Injectable()
export class Sessions {
  constructor(
    private readonly connections: Connections,
    private readonly identification: Identification,
    private readonly inboxes: Inboxes,
    private readonly node: NodeIdentity,
    private readonly config: HubbubConfig,
    @Optional() private readonly spoken?: SpokenContract,
  ) {
    connections.onClosed((connection) => inboxes.close(connection));
  }

  /**
   * The command `authenticate`: identifies the connection, or renews the token of its user. A failure changes nothing.
   * @throws HubbubError InvalidToken, TokenExpired, Timeout, Forbidden, RateLimited, ServerError
   */
  async authenticate(connection: Connection, token: string): Promise<Session> {
    const identity = await this.identification.of(token);
    // Pushes of the inbox follow the answer that says where it stands.
    if (connection.identity === null) connection.hold();
    try {
      await this.begin(connection, identity);
      return this.describe(connection);
    } finally {
      // Not before the router has queued that answer, which it does as soon as this promise has settled.
      setImmediate(() => connection.release());
    }
  }

  /** Gives the connection its identity and its inbox. @throws as `authenticate`, with nothing changed */
  async begin(connection: Connection, identity: Identity): Promise<void> {
    if (connection.hasEnded) throw new HubbubError('ServerError');
    const isFirst = connection.identity === null;
    this.connections.identify(connection, identity);
    if (!isFirst) return;
    try {
      connection.inbox = await this.inboxes.open(connection);
    } catch (error) {
      if (!connection.hasEnded) this.connections.unidentify(connection);
      throw error;
    }
    // It ended meanwhile: the inbox was told so before it was attached.
    if (connection.hasEnded) this.inboxes.close(connection);
  }

  describe(connection: Connection): Session {
    const session = describeSession(connection, this.node, this.config);
    return this.spoken === undefined ? session : { ...session, contract: this.spoken.hash };
  }
}
