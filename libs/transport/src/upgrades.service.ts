import { randomUUID } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { HubbubConfig } from '@hubbub/config';
import { HubbubError } from '@hubbub/protocol';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { WebSocketServer } from 'ws';
import { Connection } from './connection.js';
import { Connections } from './connections.js';
import { type Dialect, pickDialect } from './dialect.js';
import { DrainState } from './drain-state.js';
import { toHubbubError } from './error-mapping.js';
import { HubbubSocket } from './hubbub-socket.js';
import { Identification } from './identification.js';
import { Authenticator } from './identity.js';
import { Push } from './push.js';
import { Sessions } from './sessions.service.js';
import {
  type Candidate,
  decideUpgrade,
  parseTarget,
  type Refusal,
  refusalResponse,
  refuse,
  selectSubprotocol,
} from './upgrade.js';
import { type PendingUpgrade, UpgradeGate } from './upgrade-gate.js';
import { Wire } from './wire.service.js';

/** Injection token: the dialects that this node speaks, the first of a path being its default. */
export const DIALECTS = Symbol('DIALECTS');

/** How long a closing handshake may take before the socket is cut. */
const CLOSE_TIMEOUT_MS = 5000;
const RETRY_AFTER_MS = 5000;
/** Fragments of a message: each may keep the whole read that it came with, 64 KiB, in memory until the last one. */
const MAX_FRAGMENTS = 64;
/** Pieces in which a frame may arrive are kept, each at some cost: they need not be smaller than this on the whole. */
const MIN_PIECE_BYTES = 128;

/** Lets upgrades in or answers why not: always with an HTTP answer, never by hanging up. */
@Injectable()
export class Upgrades {
  private readonly logger = new Logger('Upgrades');
  private server: WebSocketServer;

  constructor(
    private readonly config: HubbubConfig,
    private readonly connections: Connections,
    private readonly sessions: Sessions,
    private readonly authenticator: Authenticator,
    private readonly identification: Identification,
    private readonly wire: Wire,
    private readonly drain: DrainState,
    private readonly gate: UpgradeGate,
    @Inject(DIALECTS) private readonly dialects: readonly Dialect[],
  ) {
    this.server = this.makeServer();
    config.onChange((changed) => {
      // Connections that are open keep the limit that they were told.
      if (changed.includes('limits.max_message_bytes')) this.server = this.makeServer();
    });
  }

  /** Listener of the HTTP server's `upgrade` event. */
  readonly listener = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const socket = stream as Socket;
    // From here on the HTTP server looks after the socket no longer: its errors would end the process.
    socket.on('error', ignore);
    this.upgrade(request, socket, head).catch((error: unknown) => {
      this.logger.error({ msg: 'upgrade failed', err: error });
      socket.destroy();
    });
  };

  private async upgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const { server } = this.config;
    const { method = '', url = '', headers } = request;
    const remoteAddress = request.socket.remoteAddress ?? '';
    const decision = decideUpgrade({ method, url, headers, remoteAddress }, this.dialects, server);
    if ('refusal' in decision) return this.refuse(socket, decision.refusal);
    if (this.drain.isDraining) return this.refuse(socket, unavailable('The node is going away.'));

    const { dialect } = decision.candidate;
    const connection = new Connection(this.wire, randomUUID(), dialect, decision.candidate.remoteAddress);
    const full = this.connections.admit(connection);
    if (full === 'node') return this.refuse(socket, unavailable('The node is full.'));
    if (full === 'address') return this.refuse(socket, tooMany('Too many connections from this address.'));
    const refusal = await this.identify(connection, decision.candidate, { request, socket });
    if (refusal !== null || connection.hasEnded || socket.destroyed) {
      connection.end(1006, false);
      return this.refuse(socket, refusal ?? unavailable('The node is going away.'));
    }
    this.open(connection, request, socket, head);
  }

  /** Finds out who it is, asks the application, and gives it what is theirs. Returns what stands against it. */
  private async identify(
    connection: Connection,
    { token, protocols }: Candidate,
    pending: PendingUpgrade,
  ): Promise<Refusal | null> {
    try {
      const { headers, url = '' } = pending.request;
      const known = await this.identification.ofRequest({ headers, url }, token);
      const identity = known ?? this.authenticator.anonymous();
      if (!this.connections.claim(connection, identity?.userId ?? null)) {
        return unavailable('The node is full.');
      }
      if (this.gate.isSet) await this.gate.pass(connection, { identity, protocols }, pending);
      if (identity !== null) await this.sessions.begin(connection, identity);
      return null;
    } catch (error) {
      const known = toHubbubError(error);
      if (known.name === 'Unknown') this.logger.error({ msg: 'upgrade failed', err: known.cause ?? known });
      return refuse(known);
    }
  }

  /** Whether the target of a request is where connections are opened. */
  serves(target: string): boolean {
    const path = parseTarget(target)?.pathname ?? '';
    return pickDialect(this.dialects, path, [], this.config.server.wsPath) !== null;
  }

  /** The handshake and `connected` leave in one write. */
  private open(connection: Connection, request: IncomingMessage, socket: Socket, head: Buffer): void {
    const connected = Push.of('connected', this.sessions.describe(connection));
    socket.cork();
    this.server.handleUpgrade(request, socket, head, (webSocket) => {
      socket.removeListener('error', ignore);
      connection.open(webSocket as HubbubSocket, socket, connected);
    });
    socket.uncork();
    // The gate has read, and stopped.
    if (socket.isPaused() && !connection.isPaused) socket.resume();
    // ws destroys a socket whose client has gone already, and says nothing.
    if (!connection.isOpen) return connection.end(1006, false);
    this.wire.opened(connection, request);
  }

  private refuse(socket: Socket, refusal: Refusal): void {
    if (refusal.error.name === 'RateLimited') this.wire.metrics.rateLimited.inc();
    this.logger.debug({ msg: 'upgrade refused', status: refusal.status, code: refusal.error.code });
    if (!socket.writable) return void socket.destroy();
    socket.once('finish', () => socket.destroy());
    socket.end(refusalResponse(refusal, STATUS_CODES[refusal.status] ?? ''));
  }

  private makeServer(): WebSocketServer {
    const { maxMessageBytes } = this.config.limits;
    const options = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: maxMessageBytes,
      maxFragments: MAX_FRAGMENTS,
      maxBufferedChunks: MAX_FRAGMENTS + Math.ceil(maxMessageBytes / MIN_PIECE_BYTES),
      closeTimeout: CLOSE_TIMEOUT_MS,
      WebSocket: HubbubSocket,
      handleProtocols: (offered: Set<string>) => selectSubprotocol(offered, this.dialects),
    };
    return new WebSocketServer(options);
  }
}

function ignore(): void {}

function unavailable(message: string): Refusal {
  return refuse(new HubbubError('ServerError', { message, retryAfterMs: RETRY_AFTER_MS }));
}

function tooMany(message: string): Refusal {
  return refuse(new HubbubError('RateLimited', { message, retryAfterMs: RETRY_AFTER_MS }));
}
