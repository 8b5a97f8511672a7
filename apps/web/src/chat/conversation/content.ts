import { harmless } from './markdown/harmless.js';
import { safeImage } from './markdown/urls.js';

/** What to show of a message. Content is any JSON: people's pages send `{text}`, services send what they like. */
export type Content =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly src: string; readonly alt: string; readonly text: string }
  /** Nothing that this page knows: shown as it came. */
  | { readonly type: 'json'; readonly text: string };

/** More of what nobody here understands is not shown. */
const MAX_JSON = 4000;

export function readContent(content: unknown): Content {
  if (typeof content === 'string') return { type: 'text', text: harmless(content) };
  if (typeof content === 'number' || typeof content === 'boolean') return { type: 'text', text: String(content) };
  return (isObject(content) && (imageOf(content) ?? textOf(content))) || jsonOf(content);
}

/** The message as plain text, for what is copied and read out. */
export function textOfContent(content: unknown): string {
  const read = readContent(content);
  return read.type === 'image' ? [read.text || read.alt, read.src].filter((part) => part !== '').join(' ') : read.text;
}

function textOf({ text }: Record<string, unknown>): Content | null {
  return typeof text === 'string' ? { type: 'text', text: harmless(text) } : null;
}

/** `{image: url}` or `{image: {url, alt?}}`, with or without `text` and `alt`. */
function imageOf(content: Record<string, unknown>): Content | null {
  const { image, alt, text } = content;
  const given = isObject(image) ? image : { url: image, alt };
  const src = typeof given.url === 'string' ? safeImage(given.url) : null;
  if (src === null) return null;
  return { type: 'image', src, alt: stringOf(given.alt), text: stringOf(text) };
}

function jsonOf(content: unknown): Content {
  const text = harmless(JSON.stringify(content, null, 2) ?? '');
  return { type: 'json', text: text.length > MAX_JSON ? `${text.slice(0, MAX_JSON)}…` : text };
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? harmless(value) : '';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
