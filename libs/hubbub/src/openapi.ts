import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { VERSION } from './version.js';

/** Serves the description of every HTTP route at a path, and as a document at `openapi.json` below it. */
export function serveOpenApi(app: INestApplication, path: string): void {
  const options = new DocumentBuilder()
    .setTitle('Hubbub')
    .setDescription('Accounts, rooms and operation over HTTP. The WebSocket protocol has a page of its own.')
    .setVersion(VERSION)
    .addBearerAuth()
    .build();
  SwaggerModule.setup(path, app, () => SwaggerModule.createDocument(app, options), {
    jsonDocumentUrl: `${path}/openapi.json`,
  });
}
