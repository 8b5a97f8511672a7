import { closeOnSignals, createHubbub, servePages } from '@hubbub/hubbub';
import { AppModule, config } from './app.module.js';

/** An application that is nothing but Hubbub and what extends it. */
const app = await createHubbub(AppModule, config);
servePages(app);
closeOnSignals(app);
await app.listen(config.server.port, config.server.host);
console.log((await app.getUrl()).replace('http', 'ws') + config.server.wsPath);
