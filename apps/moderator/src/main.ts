import { HubbubEventsStrategy } from '@hubbub/sdk';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { JsonLogger } from './json-logger.js';
import { ModeratorModule } from './moderator.module.js';
import { readSettings, type Settings, SettingsError, USAGE } from './settings/settings.js';

/** It may have been handed out to a process that was killed so often before it is taken for what killed it. */
const DELIVERIES = 1000;
/** To judge a message takes a moment: after a crash those that were under way come again so soon. */
const ACK_WAIT_MS = 2000;

function settingsOrEnd(): Settings {
  const [asked] = process.argv.slice(2);
  if (asked !== undefined) {
    console.log(USAGE);
    process.exit(asked === '--help' ? 0 : 2);
  }
  try {
    return readSettings(process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

const settings = settingsOrEnd();
const logger = new Logger('Moderator');
const app = await NestFactory.create<NestFastifyApplication>(ModeratorModule.forRoot(settings), new FastifyAdapter(), {
  logger: new JsonLogger(settings.MODERATOR_LOG_LEVEL),
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    logger.log({ msg: 'stopping', signal });
    void app.close().then(() => process.exit(0));
  });
}
app.connectMicroservice({
  strategy: new HubbubEventsStrategy({
    servers: settings.HUBBUB_BUS_URL,
    durable: 'moderator',
    deliveries: DELIVERIES,
    ackWaitMs: ACK_WAIT_MS,
  }),
});
await app.listen(settings.MODERATOR_PORT, settings.MODERATOR_HOST);
logger.log({ msg: 'listening', health: `${await app.getUrl()}/health` });
// Not before everything is there that judges.
await app.startAllMicroservices();
