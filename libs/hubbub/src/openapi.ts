import type { INestApplication } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { completeOpenApi } from './contract/complete-open-api.js';
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
    // The first one whose schemas are JSON Schema as TypeBox writes it.
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth()
    .build();
  serveContract(app, path);
  const document = () => {
    const prefix = app.get(ApplicationConfig, { strict: false }).getGlobalPrefix();
    return completeOpenApi(SwaggerModule.createDocument(app, options), prefix && `/${prefix.replace(/^\//, '')}`);
  };
  SwaggerModule.setup(path, app, document, {
    jsonDocumentUrl: `${path}/openapi.json`,
  });
}
