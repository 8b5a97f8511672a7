import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { VERSION } from './version.js';

/** Serves the description of every HTTP route at `/docs`, and as a document at `/docs/openapi.json`. */
export function serveOpenApi(app: INestApplication): void {
  const options = new DocumentBuilder()
    .setTitle('Hubbub')
    .setDescription('Accounts, rooms and operation over HTTP. The WebSocket protocol has a page of its own.')
    .setVersion(VERSION)
    .addBearerAuth()
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, options), {
    jsonDocumentUrl: 'docs/openapi.json',
  });
}
