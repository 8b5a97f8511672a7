import type { Server } from 'node:http';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { HttpFront } from './http-front.service.js';

/** For requests that are being answered; sockets that say nothing would otherwise keep the process for ever. */
const LINGER_MS = 1000;

/**
 * Ends the HTTP connections that are left once the node is drained: a preconnected browser, half a request, a probe. Requests of
 * an application with routes of its own may take longer, so there it is Nest's `forceCloseConnections` that decides.
 */
@Injectable()
export class HttpShutdown implements BeforeApplicationShutdown {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly front: HttpFront,
  ) {}

  beforeApplicationShutdown(): void {
    if (!this.front.standalone) return;
    const server = this.host.httpAdapter.getHttpServer() as Server;
    const timer = setTimeout(() => server.closeAllConnections(), LINGER_MS);
    server.once('close', () => clearTimeout(timer));
  }
}
