import type { IncomingHttpHeaders } from 'node:http';
import type { PermissionSet } from '@hubbub/protocol';
import type { Connection } from './connection.js';

/** Who a connection or an HTTP caller is: what its token says, never what a payload, path or query says. */
export interface Identity {
  readonly userId: string;
  readonly username: string;
  readonly anonymous: boolean;
  readonly permissions: PermissionSet;
  /** When the token ends, Unix ms; absent: never. */
  readonly expiresAt?: number;
  /** `iat` of the token, Unix seconds. */
  readonly issuedAt?: number;
  /** `jti` of the token. */
  readonly tokenId?: string;
  /** `sid` of the token: the refresh family it belongs to. */
  readonly sessionId?: string;
}

/** A request as far as credentials can be found in it. */
export interface CredentialsRequest {
  readonly headers: IncomingHttpHeaders;
  /** Request target: path and query. */
  readonly url: string;
}

/** Port: turns credentials into an identity, for upgrades, `authenticate` and HTTP alike. Implemented by auth. */
export abstract class Authenticator {
  /**
   * Awaited for as long as `auth.deadline_ms` lasts.
   * @throws HubbubError InvalidToken, TokenExpired, or ServerError when it cannot be told now; of Nest's exceptions the
   * meaning counts, and what else is thrown is answered Unknown
   */
  abstract authenticate(token: string): Promise<Identity>;

  /** A new anonymous identity with a user id of its own, or null when anonymous access is off. */
  anonymous(): Identity | null {
    return null;
  }

  /**
   * What `authenticate` is to be given for a request that brings no token as PROTOCOL §1 has it; null: that has none either.
   * For credentials that a browser sends by itself, as the cookie of a session: pages of other origins are refused before.
   */
  credentialsOf(_request: CredentialsRequest): string | null {
    return null;
  }
}

/** Where an inbox stands. */
export interface InboxStand {
  readonly epoch: string;
  readonly seq: number;
}

/** Port: attaches connections to their users' inboxes. Implemented by messages. */
export abstract class Inboxes {
  /**
   * Attaches `connection` to the inbox of its user: pushes above the `seq` returned follow, in order. Those sent before
   * the connection was told that `seq` wait behind it.
   * @throws HubbubError ServerError: then it is not attached
   */
  abstract open(connection: Connection): Promise<InboxStand>;

  /** Detaches it; harmless when it is not attached. */
  abstract close(connection: Connection): void;
}

/** Port: this node, as `connected` names it. */
export abstract class NodeIdentity {
  abstract readonly nodeId: string;
  abstract readonly version: string;
}
