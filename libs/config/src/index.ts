export { type ConfigFactory, ConfigModule } from './config.module.js';
export { ConfigError, type ConfigFault } from './config-error.js';
export { CONFIG_KEYS, type ConfigKey } from './config-key.js';
export {
  type ConfigChange,
  type ConfigEntry,
  type ConfigListener,
  type ConfigSource,
  type ConfigValues,
  HubbubConfig,
  type PartialConfig,
} from './hubbub-config.js';
export { type LoadOptions, loadConfig } from './load-config.js';
export { ConfigSchema } from './schema.js';
export { ensureSecret } from './secret.js';
export { type ConfigWatch, watchConfig } from './watch-config.js';
