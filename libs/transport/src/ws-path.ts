import { HubbubConfig } from '@hubbub/config';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { upgradeRequired } from './upgrade.js';

/** The part of a reply that is used here: of Fastify's and of Express's. */
export interface HttpReply {
  /** Whether its head has left: on Fastify, and on Express. */
  readonly sent?: boolean;
  readonly headersSent?: boolean;
  status(code: number): this;
  header(name: string, value: string): this;
  send(body: unknown): this;
}

/** Answers plain requests to the WebSocket's path, which would otherwise be told that there is nothing there. */
@Injectable()
export class WsPath implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly config: HubbubConfig,
  ) {}

  onModuleInit(): void {
    const { status, error, headers } = upgradeRequired();
    // An application that only creates a context serves no HTTP.
    this.host.httpAdapter?.get(this.config.server.wsPath, (_request: unknown, reply: HttpReply) => {
      for (const [name, value] of Object.entries(headers ?? {})) reply.header(name, value);
      reply.status(status).send(error.toJSON());
    });
  }
}
