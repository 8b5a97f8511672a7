import { harmlessLine } from '../conversation/markdown/harmless.js';

const LONGEST = 80;

/** The beginning of a message on one line, whatever its content is. */
export function snippetOf(content: unknown): string {
  const text = harmlessLine(textOf(content).slice(0, 4 * LONGEST));
  const characters = [...text.slice(0, 2 * LONGEST)];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join('')}…` : text;
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  const { text, image } = (content ?? {}) as Record<string, unknown>;
  if (typeof text === 'string') return text;
  if (typeof image === 'string') return image;
  return content === null || content === undefined ? '' : JSON.stringify(content);
}
