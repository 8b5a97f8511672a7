import type { INestApplication } from '@nestjs/common';
import { ContractService } from './contract.service.js';
import { PAGE_POLICY } from './page-style.js';

const JSON_TYPE = 'application/json; charset=utf-8';

/**
 * Serves what the gateway speaks over WebSockets and NATS: below `path` a page at `messages`, the AsyncAPI document at
 * `asyncapi.json`, and at `contract.json` the canonical form, which `npm run contract:check` compares.
 */
export function serveContract(app: INestApplication, path: string): void {
  const contract = app.get(ContractService, { strict: false });
  const http = app.getHttpAdapter();
  const serve = (name: string, headers: Readonly<Record<string, string>>, make: () => string) =>
    http.get(`/${path}/${name}`, (_request: unknown, response: unknown) => {
      for (const [header, value] of Object.entries(headers)) http.setHeader(response, header, value);
      return http.reply(response, make(), 200) as unknown;
    });
  const page = {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': PAGE_POLICY,
    'X-Content-Type-Options': 'nosniff',
  };
  serve('messages', page, () => contract.page());
  serve('asyncapi.json', { 'Content-Type': JSON_TYPE }, () => contract.asyncApi());
  serve('contract.json', { 'Content-Type': JSON_TYPE }, () => contract.contract());
}
