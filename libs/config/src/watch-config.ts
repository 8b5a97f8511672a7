import { type FSWatcher, readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import { Logger } from '@nestjs/common';
import { ConfigError } from './config-error.js';
import type { HubbubConfig } from './hubbub-config.js';
import { configFile, type LoadOptions, loadConfig } from './load-config.js';

/** An editor writes a file in several steps; reading it in between would apply half of it. */
const SETTLE_MS = 200;

export interface ConfigWatch {
  /** Reads the configuration again now. One that is not valid is logged and changes nothing. */
  reload(): void;
  close(): void;
}

/**
 * Keeps `config` as its file says: reloads when the file changes or on SIGHUP, all of it or nothing, and logs the
 * names of the keys that changed.
 * @param options what `config` was loaded with
 */
export function watchConfig(config: HubbubConfig, options: LoadOptions): ConfigWatch {
  const logger = new Logger('Config');
  const path = configFile(options);
  let content = read(path);
  let timer: NodeJS.Timeout | undefined;

  const reload = (): void => {
    content = read(path);
    try {
      logChange(logger, config.apply(loadConfig(options)));
    } catch (error) {
      const why = error instanceof ConfigError ? { faults: error.faults } : { err: error };
      logger.error({ msg: 'configuration not reloaded', ...why });
    }
  };
  const reloadIfChanged = (): void => {
    const now = read(path);
    // A file that is gone is being replaced, or lost: neither is a wish for the defaults. SIGHUP takes it at its word.
    if (now !== undefined && now !== content) reload();
  };
  // The folder, not the file: editors and volume mounts put a new file in the old one's place.
  const watcher = watchFolder(dirname(path), () => {
    clearTimeout(timer);
    timer = setTimeout(reloadIfChanged, SETTLE_MS).unref();
  });
  process.on('SIGHUP', reload);

  return {
    reload,
    close: () => {
      clearTimeout(timer);
      watcher?.close();
      process.off('SIGHUP', reload);
    },
  };
}

function logChange(logger: Logger, { applied, needRestart }: ReturnType<HubbubConfig['apply']>): void {
  logger.log({ msg: 'configuration reloaded', changed: applied });
  if (needRestart.length > 0) logger.warn({ msg: 'configuration keys wait for a restart', keys: needRestart });
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** @returns undefined where there is no folder to watch: SIGHUP works still */
function watchFolder(folder: string, onChange: () => void): FSWatcher | undefined {
  try {
    return watch(folder, { persistent: false }, onChange).on('error', () => {});
  } catch {
    return undefined;
  }
}
