import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../../..');

export interface Block {
  readonly language: string;
  /** The file that it shows, where the fence names one. */
  readonly file: string | undefined;
  readonly text: string;
}

export function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** The fenced blocks of a page. */
export function blocksOf(page: string): Block[] {
  return [...read(page).matchAll(/^```(\w*) ?(\S*)\n([^]*?)^```$/gm)].map(
    ([, language = '', file = '', text = '']) => ({
      language,
      file: file === '' ? undefined : file,
      text,
    }),
  );
}

/**
 * Expects every block of TypeScript to be run: those that name a file are that file in `folder`, the others stand in one of
 * the specs.
 */
export function expectShown(page: string, specs: readonly string[], folder = ''): void {
  const blocks = blocksOf(page).filter(({ language }) => language === 'ts');
  const sources = specs.map((spec) => unindented(read(spec)));
  expect(blocks.length).toBeGreaterThan(0);
  for (const { file, text } of blocks) {
    if (file !== undefined) expect({ file, text }).toEqual({ file, text: read(`${folder}/${file}`) });
    else if (!sources.some((source) => source.includes(unindented(text.trim())))) {
      throw new Error(`${page} shows what no spec runs:\n${text}`);
    }
  }
}

function unindented(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .join('\n');
}
