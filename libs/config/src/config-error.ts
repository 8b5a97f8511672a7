/** One thing that is wrong with the configuration. Never holds a value: it may be a secret in the wrong place. */
export interface ConfigFault {
  /** Dotted key, or the file. */
  readonly key: string;
  /** What was expected. */
  readonly message: string;
  /** The file or variable that said so. */
  readonly source?: string;
}

/** A configuration that cannot be used, with everything that is wrong with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly faults: readonly ConfigFault[]) {
    const lines = faults.map(({ key, message, source }) =>
      source === undefined ? `  ${key}: ${message}` : `  ${key}: ${message} (${source})`,
    );
    super(`The configuration is not valid:\n${lines.join('\n')}`);
  }
}
