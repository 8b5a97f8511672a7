import { closeOnSignals, servePages, useHubbub } from '@hubbub/hubbub';
import { NestFactory } from '@nestjs/core';
import { AppModule, config } from './app.module.js';

/** Inside an application of one's own, which is on Express as Nest makes them. */
const app = await NestFactory.create(AppModule, { logger: ['error'] });
useHubbub(app, { docs: 'docs' });
servePages(app, { path: '/chat' });
closeOnSignals(app);
await app.listen(config.server.port, config.server.host);
console.log((await app.getUrl()).replace('http', 'ws') + config.server.wsPath);
