import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface PlannedFile {
  /** Path below the folder that it is written into. */
  readonly file: string;
  readonly text: string;
}

/** Files are there already that would have been overwritten. */
export class FilesExist extends Error {
  constructor(readonly files: readonly string[]) {
    super(`there is already ${files.join(', ')}`);
  }
}

/**
 * Writes all files, or none: what was written is taken away again when the next cannot be.
 * @param isDryRun only looks whether it could
 * @throws FilesExist and touches nothing
 */
export function writeFiles(folder: string, files: readonly PlannedFile[], isDryRun = false): void {
  const existing = files.filter(({ file }) => existsSync(join(folder, file))).map(({ file }) => file);
  if (existing.length > 0) throw new FilesExist(existing);
  if (isDryRun) return;
  const made: string[] = [];
  try {
    for (const { file, text } of files) {
      const path = join(folder, file);
      // The topmost folder that was not there.
      const parent = mkdirSync(dirname(path), { recursive: true });
      if (parent !== undefined) made.push(parent);
      writeFileSync(path, text, { flag: 'wx' });
      made.push(path);
    }
  } catch (error) {
    for (const path of made.toReversed()) rmSync(path, { recursive: true, force: true });
    throw error;
  }
}
