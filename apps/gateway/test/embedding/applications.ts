import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HubbubModule, type HubbubOptions, type PartialConfig, type UseHubbubOptions, useHubbub } from '@hubbub/hubbub';
import { TestGateway } from '@hubbub/testing';
import type { DynamicModule, INestApplication, ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';

export type Platform = 'express' | 'fastify';
export const PLATFORMS: readonly Platform[] = ['express', 'fastify'];

export interface ApplicationOptions extends Pick<ModuleMetadata, 'controllers' | 'imports' | 'providers'> {
  /** @default 'express', as Nest's own */
  readonly platform?: Platform;
  readonly config?: PartialConfig;
  readonly hubbub?: HubbubOptions;
  readonly use?: UseHubbubOptions;
  /** What its `main.ts` does beside, before it listens. */
  readonly prepare?: (app: INestApplication) => void;
}

const folders: string[] = [];
const opened: TestGateway[] = [];

/** Configuration with a folder of its own, and without limits that a test would run into. */
export function configWith(config: PartialConfig = {}): PartialConfig {
  const dataDir = mkdtempSync(join(tmpdir(), 'hubbub-embedded-'));
  folders.push(dataDir);
  const limits = { httpPerS: 10_000, httpBurst: 10_000, authPerMin: 10_000, ...config.limits };
  return { dataDir, ...config, auth: { secret: SECRET, ...config.auth }, limits };
}

const SECRET = 'whoever embeds it signs with this 4711';

/** An application of somebody's own, made as Nest's documentation has it, with Hubbub among its modules. */
export function startApplication(options: ApplicationOptions = {}): Promise<TestGateway> {
  return startWith(HubbubModule.forRoot(configWith(options.config), options.hubbub), options);
}

/** The same with the import of Hubbub as it is given. */
export async function startWith(
  hubbub: DynamicModule | undefined,
  { platform = 'express', imports = [], controllers = [], providers = [], use, prepare }: ApplicationOptions = {},
): Promise<TestGateway> {
  const root = {
    module: class AppModule {},
    imports: [...(hubbub === undefined ? [] : [hubbub]), ...imports],
    controllers,
    providers,
  };
  const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  const app = await NestFactory.create(root, adapter, { logger: false, abortOnError: false });
  try {
    useHubbub(app, use);
    prepare?.(app);
  } catch (error) {
    await app.close();
    throw error;
  }
  const gateway = await TestGateway.around(app);
  opened.push(gateway);
  return gateway;
}

/** For `afterAll`. */
export async function closeApplications(): Promise<void> {
  for (const gateway of opened.splice(0)) await gateway.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}
