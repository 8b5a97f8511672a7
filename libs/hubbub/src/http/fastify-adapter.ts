import type { Socket } from 'node:net';
import type { HubbubConfig } from '@hubbub/config';
import { HubbubError } from '@hubbub/protocol';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { maxBodyBytes } from './max-body-bytes.js';

/** What is needed of Fastify's reply, whose own type depends on its route. */
interface Reply {
  code(status: number): { send(body: object): unknown };
}

/** Longest time for a whole request to come in: one that drips would hold its socket for ever. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;

/** Fastify with the limits of the configuration, and with the error body of PROTOCOL §8 also where Nest is not asked. */
export async function fastifyAdapter(config: HubbubConfig): Promise<FastifyAdapter> {
  const { server } = config;
  // Loaded by who asks for it: applications on Express need not have it.
  const platform = await import('@nestjs/platform-fastify');
  return new platform.FastifyAdapter({
    bodyLimit: maxBodyBytes(config),
    // One hop: what the proxy itself has added. Entries before that are whatever the client wrote.
    trustProxy: server.trustProxy ? (_address, hop) => hop === 0 : false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: HEADERS_TIMEOUT_MS / 2 },
    // Ids of 128 characters, each of which may take twelve in a path; the default of 100 would answer them 404.
    routerOptions: { maxParamLength: 2048 },
    frameworkErrors: (_error: unknown, _request: unknown, reply: unknown) => {
      const error = new HubbubError('InvalidFormat', { message: 'The URL is not valid.' });
      (reply as Reply).code(error.httpStatus).send(error.toJSON());
    },
    clientErrorHandler: refuse,
  });
}

/** Answers what is no HTTP, or too much or too slow of it, and ends the connection. */
function refuse({ code }: Error & { readonly code?: string }, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, error] =
    code === 'HPE_HEADER_OVERFLOW'
      ? [
          '431 Request Header Fields Too Large',
          new HubbubError('MessageTooLarge', { message: 'The headers are too large.' }),
        ]
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', new HubbubError('Timeout', { message: 'The request took too long to come in.' })]
        : ['400 Bad Request', new HubbubError('InvalidFormat', { message: 'The request is not HTTP.' })];
  const body = JSON.stringify(error);
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
