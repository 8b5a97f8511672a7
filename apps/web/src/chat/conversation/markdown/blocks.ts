import { parseInline } from './inline.js';
import type { Block } from './tree.js';

/** Quotes and lists within each other; what is deeper is shown as it was written. */
const MAX_DEPTH = 5;

const FENCE = /^ {0,3}(`{3,}|~{3,})([^`]*)$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3}(?:[-*+]|(\d{1,9})[.)]) {1,4})(?=\S)/;

/**
 * Parses a message in Markdown-lite: bold, italic, strike, code, quotes, lists, links, bare addresses, images. Line ends
 * are kept. Linear: every line is looked at once for each quote or list that it lies in.
 * @param text as `harmless` gives it
 */
export function parseMarkdown(text: string): Block[] {
  return parseBlocks(text.split('\n'), 0);
}

function parseBlocks(lines: readonly string[], depth: number): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] as string;
    const [block, next] =
      (isBlank(line) && ([null, at + 1] as const)) ||
      code(lines, at) ||
      (depth < MAX_DEPTH && (quote(lines, at, depth) || list(lines, at, depth))) ||
      paragraph(lines, at, depth);
    if (block) blocks.push(block);
    at = next;
  }
  return blocks;
}

type Parsed = readonly [Block, next: number];

/** Without its closing fence it goes to the end. */
function code(lines: readonly string[], at: number): Parsed | null {
  const opening = FENCE.exec(lines[at] as string);
  if (opening === null) return null;
  const fence = opening[1] as string;
  let end = at + 1;
  while (end < lines.length && !closes(lines[end] as string, fence)) end++;
  const text = lines.slice(at + 1, end).join('\n');
  return [{ type: 'code', text, language: (opening[2] as string).trim() }, end + 1];
}

function closes(line: string, fence: string): boolean {
  const text = line.trim();
  return text.length >= fence.length && text === (fence[0] as string).repeat(text.length);
}

function quote(lines: readonly string[], at: number, depth: number): Parsed | null {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end] as string)) end++;
  if (end === at) return null;
  const inner = lines.slice(at, end).map((line) => line.replace(QUOTE, ''));
  return [{ type: 'quote', children: parseBlocks(inner, depth + 1) }, end];
}

function list(lines: readonly string[], at: number, depth: number): Parsed | null {
  const first = ITEM.exec(lines[at] as string);
  if (first === null) return null;
  const start = first[2] === undefined ? null : Number(first[2]);
  const items: Block[][] = [];
  let next = at;
  for (let item: RegExpExecArray | null = first; item !== null; item = ITEM.exec(lines[next] ?? '')) {
    if ((item[2] === undefined) !== (start === null)) break;
    const width = (item[1] as string).length;
    const indent = new RegExp(`^(?:\\t| {2,${width}})`);
    const own = [(lines[next] as string).slice(width)];
    for (next++; indent.test(lines[next] ?? ''); next++) own.push((lines[next] as string).replace(indent, ''));
    items.push(parseBlocks(own, depth + 1));
  }
  return [{ type: 'list', start, items }, next];
}

function paragraph(lines: readonly string[], at: number, depth: number): Parsed {
  let end = at + 1;
  while (end < lines.length && !beginsAnother(lines[end] as string, depth)) end++;
  return [{ type: 'paragraph', children: parseInline(lines.slice(at, end).join('\n')) }, end];
}

function beginsAnother(line: string, depth: number): boolean {
  if (isBlank(line) || FENCE.test(line)) return true;
  return depth < MAX_DEPTH && (QUOTE.test(line) || ITEM.test(line));
}

function isBlank(line: string): boolean {
  return /^\s*$/.test(line);
}
