import { HubbubEventsStrategy } from '@hubbub/sdk';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { JsonLogger } from './json-logger.js';
import { ModeratorModule } from './moderator.module.js';
import { readSettings, type Settings, USAGE } from './settings/settings.js';

async function start(settings: Settings): Promise<void> {
  const logger = new Logger('Moderator');
  const app = await NestFactory.create<NestFastifyApplication>(
    ModeratorModule.forRoot(settings),
    new FastifyAdapter(),
    // What it cannot start with is said once, below.
    { logger: new JsonLogger(settings.MODERATOR_LOG_LEVEL), abortOnError: false },
  );
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      logger.log({ msg: 'stopping', signal });
      void app.close().then(() => process.exit(0));
    });
  }
  app.connectMicroservice({ strategy: app.get(HubbubEventsStrategy) });
  await app.listen(settings.MODERATOR_PORT, settings.MODERATOR_HOST);
  logger.log({ msg: 'listening', health: `${await app.getUrl()}/health` });
  // Not before everything is there that judges.
  await app.startAllMicroservices();
}

const [asked] = process.argv.slice(2);
if (asked === undefined) {
  try {
    await start(readSettings(process.env));
  } catch (error) {
    console.error(`the moderator cannot start: ${(error as Error).message}`);
    process.exit(1);
  }
} else {
  console.log(USAGE);
  process.exitCode = asked === '--help' ? 0 : 2;
}
