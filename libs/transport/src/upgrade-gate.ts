import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { HubbubConfig } from '@hubbub/config';
import { HubbubError } from '@hubbub/protocol';
import { Injectable } from '@nestjs/common';
import type { Connection } from './connection.js';
import { Hooks, type UpgradeAttempt } from './hooks.js';

/** A request that waits for its answer. */
export interface PendingUpgrade {
  readonly request: IncomingMessage;
  readonly socket: Socket;
}

/** A client should wait for the answer: what it sends before is kept up to here, and the rest left in the socket. */
const MAX_EARLY_BYTES = 65_536;

/** Asks the application about upgrades: its `@OnUpgrade` hooks. */
@Injectable()
export class UpgradeGate {
  constructor(
    private readonly hooks: Hooks,
    private readonly config: HubbubConfig,
  ) {}

  /** Whether there is anybody to ask. */
  get isSet(): boolean {
    return this.hooks.has('upgrade');
  }

  /**
   * Resolves once all hooks have let the upgrade pass; the socket is paused then, and has all that came meanwhile. Should the
   * client go away, the connection ends at once, whatever a hook is at.
   * @throws HubbubError Forbidden, Timeout; and what a hook throws
   */
  async pass(
    connection: Connection,
    shown: Pick<UpgradeAttempt, 'identity' | 'protocols'>,
    { request, socket }: PendingUpgrade,
  ): Promise<void> {
    const { url = '', headers } = request;
    const { remoteAddress, data, signal } = connection;
    const early: Buffer[] = [];
    let bytes = 0;
    // A socket that is not read does not say that its client has gone.
    const onData = (chunk: Buffer) => {
      early.push(chunk);
      bytes += chunk.length;
      if (bytes >= MAX_EARLY_BYTES) socket.pause();
    };
    const onGone = () => connection.end(1006, false);
    const limit = this.limit(signal);
    socket.on('data', onData).on('end', onGone).on('close', onGone);
    try {
      const attempt: UpgradeAttempt = { ...shown, url, headers, remoteAddress, data, signal };
      const isLetIn = await Promise.race([this.hooks.ask('upgrade', signal, attempt), limit.broken]);
      if (!isLetIn) throw new HubbubError('Forbidden');
    } finally {
      limit.lift();
      socket.pause();
      socket.off('data', onData).off('end', onGone).off('close', onGone);
      if (bytes > 0 && !connection.hasEnded) socket.unshift(Buffer.concat(early));
    }
  }

  private limit(signal: AbortSignal): { readonly broken: Promise<never>; readonly lift: () => void } {
    const { promise, reject } = deferred();
    const onAbort = () => reject(new HubbubError('ServerError', { message: 'The connection has ended.' }));
    const onTimeout = () => reject(new HubbubError('Timeout', { message: 'The upgrade took too long.' }));
    const timer = setTimeout(onTimeout, this.config.auth.deadlineMs);
    signal.addEventListener('abort', onAbort, { once: true });
    const lift = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    return { broken: promise, lift };
  }
}

function deferred() {
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<never>((_, refuse) => (reject = refuse));
  return { promise, reject };
}
