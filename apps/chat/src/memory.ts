import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Position } from '@hubbub/client';

/** What one user of one gateway has between two runs. */
export interface Remembered {
  readonly password?: string;
  /** Up to where his direct messages were shown. */
  readonly inbox?: Position;
}

/** A file of one user at one gateway, for nobody else to read. */
export class Memory {
  private readonly file: string;

  constructor(folder: string, origin: string, user: string) {
    const host = new URL(origin).host.replace(/[^A-Za-z0-9.-]/g, '_');
    this.file = join(folder, `${host}-${user.toLowerCase()}.json`);
  }

  get path(): string {
    return this.file;
  }

  /** Where his messages are until they are answered. */
  get outboxPath(): string {
    return this.file.replace(/\.json$/, '.outbox');
  }

  /** Nothing, if there is no file or it is not ours. */
  read(): Remembered {
    try {
      const value: unknown = JSON.parse(readFileSync(this.file, 'utf8'));
      return typeof value === 'object' && value !== null ? value : {};
    } catch {
      return {};
    }
  }

  write(changes: Remembered): void {
    mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
    writeFileSync(this.file, `${JSON.stringify({ ...this.read(), ...changes })}\n`, { mode: 0o600 });
  }
}
