import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { serveContract } from './contract/serve-contract.js';
import { VERSION } from './version.js';

/**
 * Serves the description of every HTTP route at a path, and as a document at `openapi.json` below it; beside that document what
 * is spoken over WebSockets and NATS.
 */
export function serveDocuments(app: INestApplication, path: string): void {
  const options = new DocumentBuilder()
    .setTitle('Hubbub')
    .setDescription(
      `Accounts, rooms and operation over HTTP. The WebSocket protocol has [a page of its own](/${path}/messages).`,
    )
    .setVersion(VERSION)
    .addBearerAuth()
    .build();
  serveContract(app, path);
  SwaggerModule.setup(path, app, () => SwaggerModule.createDocument(app, options), {
    jsonDocumentUrl: `${path}/openapi.json`,
  });
}
