import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from './config-error.js';
import type { HubbubConfig } from './hubbub-config.js';

/** HS256 is as strong as its key up to 32 bytes. */
const MIN_SECRET_BYTES = 32;
/** A repeated word passes a length check and is guessed at once; 32 random bytes have far more, in hex too. */
const MIN_DIFFERENT_CHARACTERS = 8;
/** What documents, tutorials and sample files print where a secret belongs. */
const PUBLISHED =
  /change.?(me|this|it)|replace.?(me|this|with)|your.?(own.?)?(very.?)?(super.?)?(secret|256|512|jwt|key)|example|placeholder|insecure|default.?secret|(a|some|my|super|very|top).?(string.?)?secret|at.?least.?(256|32|512|64)|do.?not.?use|0123456789abcdef0123456789abcdef/i;

/** Why `secret` is none, in words that do not give it away; undefined for a good one. */
export function weaknessOf(secret: string): string | undefined {
  if (Buffer.byteLength(secret) < MIN_SECRET_BYTES) return `must have at least ${MIN_SECRET_BYTES} bytes`;
  if (PUBLISHED.test(secret)) return 'is a published example: make one of your own, such as `openssl rand -base64 48`';
  if (new Set(secret).size < MIN_DIFFERENT_CHARACTERS) return 'repeats too few characters to be a secret';
  return undefined;
}

/**
 * Sees to it that `config.auth.secret` is set: the configured one, else the one in `<data_dir>/secret`, which is made
 * (mode 0600) at first start. Call it once, before anything signs or verifies a token.
 * @returns whether the file was made now
 * @throws ConfigError if the file cannot be read or written, or holds a weak secret
 */
export function ensureSecret(config: HubbubConfig): boolean {
  if (config.auth.secret !== undefined) return false;
  const file = join(config.dataDir, 'secret');
  const fail = (message: string): never => {
    throw new ConfigError([{ key: 'auth.secret', message, source: file }]);
  };
  let made = false;
  let secret = '';
  try {
    mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
    made = writeOnce(file, randomBytes(48).toString('base64url'));
    secret = readFileSync(file, 'utf8').trim();
    chmodSync(file, 0o600);
  } catch (error) {
    fail(`the generated secret cannot be kept: ${(error as NodeJS.ErrnoException).code}`);
  }
  const weakness = weaknessOf(secret);
  if (weakness !== undefined) fail(weakness);
  config.useSecret(secret);
  return made;
}

/**
 * Writes the file unless it exists, whole or not at all: a process that dies in between leaves no half secret, and
 * two that start at once agree on one.
 */
function writeOnce(file: string, content: string): boolean {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, `${content}\n`, { mode: 0o600, flag: 'wx', flush: true });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    unlinkSync(draft);
  }
}
