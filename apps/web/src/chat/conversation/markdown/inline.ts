import { type Inline, plainText } from './tree.js';
import { endOfBareUrl, safeImage, safeUrl } from './urls.js';

/** What may be open at a time. */
const MAX_DEPTH = 16;
/** Stars in a row that can be marks; more are a line. */
const MAX_RUN = 3;
/** Brackets within the address of a link. */
const MAX_BRACKETS = 3;

type Mark = '*' | '**' | '_' | '__' | '~~';
const NODE_OF: Readonly<Record<Mark, 'bold' | 'italic' | 'strike'>> = {
  '*': 'italic',
  _: 'italic',
  '**': 'bold',
  __: 'bold',
  '~~': 'strike',
};

/** What was opened and may be closed; if not, it is the text that it was written with. */
interface Frame {
  readonly opener: Mark | '[' | '![' | '';
  readonly children: Inline[];
}

/**
 * Parses what stands in a paragraph, in one pass: the time it takes grows with the length alone, whatever is written.
 * What is no mark, or is not closed, stays text.
 */
export function parseInline(text: string): Inline[] {
  return new InlineParser(text).parse();
}

class InlineParser {
  private at = 0;
  /** Where the text begins that is in no node yet. */
  private from = 0;
  private readonly frames: Frame[] = [{ opener: '', children: [] }];
  private ticks: Map<number, number[]> | null = null;

  constructor(private readonly text: string) {}

  parse(): Inline[] {
    const { text } = this;
    while (this.at < text.length) if (!this.step(text[this.at] as string)) this.at++;
    this.flush();
    this.unwind(0);
    return this.top.children;
  }

  private get top(): Frame {
    return this.frames.at(-1) as Frame;
  }

  /** @returns whether it took the character, and what belongs to it */
  private step(character: string): boolean {
    switch (character) {
      case '\\':
        return this.escape();
      case '`':
        return this.code();
      case '*':
      case '_':
      case '~':
        return this.marks(character);
      case '!':
        return this.text[this.at + 1] === '[' && this.open('![');
      case '[':
        return this.open('[');
      case ']':
        return this.bracket();
      case 'h':
      case 'H':
        return this.bareUrl();
      default:
        return false;
    }
  }

  private escape(): boolean {
    if (!/[!-/:-@[-`{-~]/.test(this.text[this.at + 1] ?? '')) return false;
    this.flush();
    this.from = this.at + 1;
    this.at += 2;
    return true;
  }

  private code(): boolean {
    const length = this.run('`');
    const start = this.at + length;
    const end = this.nextTicks(length, start);
    if (end === undefined) {
      this.at = start;
      return true;
    }
    const text = this.text.slice(start, end);
    // A blank at both ends is there to keep backticks apart.
    const isPadded = text.length > 2 && text.startsWith(' ') && text.endsWith(' ');
    this.put({ type: 'code', text: isPadded ? text.slice(1, -1) : text }, end + length);
    return true;
  }

  /** Where the next run of exactly so many backticks is. Runs are found once, not once for each. */
  private nextTicks(length: number, after: number): number | undefined {
    if (this.ticks === null) {
      this.ticks = new Map();
      for (const { 0: run, index } of this.text.matchAll(/`+/g)) {
        const places = this.ticks.get(run.length);
        if (places) places.push(index);
        else this.ticks.set(run.length, [index]);
      }
      for (const places of this.ticks.values()) places.reverse();
    }
    const places = this.ticks.get(length) ?? [];
    while ((places.at(-1) ?? after) < after) places.pop();
    return places.at(-1);
  }

  private marks(character: '*' | '_' | '~'): boolean {
    const length = this.run(character);
    const before = this.text[this.at - 1] ?? ' ';
    const after = this.text[this.at + length] ?? ' ';
    // Within a Latin word they are part of it: snake_case, 2*3*4.
    const inWord = /\w/.test(before) && /\w/.test(after) && (length === 1 || character === '_');
    const end = this.at + length;
    if (!inWord && length <= MAX_RUN) {
      if (!/\s/.test(before)) this.closeMarks(character, end);
      if (!/\s/.test(after)) this.openMarks(character, end);
    }
    this.at = end;
    return true;
  }

  private closeMarks(character: string, end: number): void {
    while (this.at < end) {
      const fits = ({ opener }: Frame) => opener.startsWith(character) && opener.length <= end - this.at;
      const index = this.frames.findLastIndex(fits);
      if (index < 0) return;
      this.flush();
      this.unwind(index);
      const { opener, children } = this.frames.pop() as Frame;
      if (children.length > 0) this.top.children.push({ type: NODE_OF[opener as Mark], children });
      else this.say(opener + opener);
      this.at += opener.length;
      this.from = this.at;
    }
  }

  private openMarks(character: string, end: number): void {
    while (this.at < end) {
      const size = end - this.at > 1 ? 2 : 1;
      if (character === '~' && size === 1) return;
      this.open((size === 2 ? character + character : character) as Mark);
    }
  }

  private open(opener: Mark | '[' | '!['): boolean {
    this.flush();
    // A mark in itself says nothing new; and what was opened long ago and not closed is hardly a mark.
    const same = opener.endsWith('[') ? -1 : this.frames.findIndex((frame) => frame.opener === opener);
    if (same > 0) this.dissolve(same);
    else if (this.frames.length > MAX_DEPTH) this.dissolve(1);
    this.frames.push({ opener, children: [] });
    this.at += opener.length;
    this.from = this.at;
    return true;
  }

  private bracket(): boolean {
    const index = this.frames.findLastIndex(({ opener }) => opener === '[' || opener === '![');
    if (index < 0) return false;
    const isImage = this.frames[index]?.opener === '![';
    const target = this.target(this.at + 1);
    const href = target && (isImage ? safeImage : safeUrl)(target.url);
    this.flush();
    if (!target || !href) {
      this.dissolve(index);
      return false;
    }
    this.unwind(index);
    const { children } = this.frames.pop() as Frame;
    const label = withoutLinks(children);
    if (isImage) this.top.children.push({ type: 'image', src: href, alt: plainText(label) });
    else this.top.children.push({ type: 'link', href, children: label.length > 0 ? label : [textOf(href)] });
    this.at = this.from = target.end;
    return true;
  }

  /** What stands between brackets after a label, if that is one word. */
  private target(start: number): { url: string; end: number } | null {
    if (this.text[start] !== '(') return null;
    let depth = 0;
    for (let at = start; at < this.text.length; at++) {
      const character = this.text[at] as string;
      if (character === '(' && ++depth > MAX_BRACKETS) return null;
      if (character === ')' && --depth === 0) return { url: this.text.slice(start + 1, at), end: at + 1 };
      if (/\s/.test(character)) return null;
    }
    return null;
  }

  private bareUrl(): boolean {
    if (/[A-Za-z0-9]/.test(this.text[this.at - 1] ?? ' ')) return false;
    const isLabel = this.frames.some(({ opener }) => opener === '[' || opener === '![');
    const end = endOfBareUrl(this.text, this.at, isLabel);
    if (end === this.at) return false;
    const url = this.text.slice(this.at, end);
    const href = safeUrl(url);
    if (href === null) {
      this.at = end;
      return true;
    }
    this.put({ type: 'link', href, children: [textOf(url)] }, end);
    return true;
  }

  private run(character: string): number {
    let end = this.at;
    while (this.text[end] === character) end++;
    return end - this.at;
  }

  private put(node: Inline, end: number): void {
    this.flush();
    this.top.children.push(node);
    this.at = this.from = end;
  }

  private flush(): void {
    if (this.at > this.from) this.say(this.text.slice(this.from, this.at));
    this.from = this.at;
  }

  private say(text: string): void {
    append(this.top.children, textOf(text));
  }

  /** Whatever was opened above the frame at `index`, and not closed, is text. */
  private unwind(index: number): void {
    while (this.frames.length > index + 1) this.dissolve(this.frames.length - 1);
  }

  /** What opened the frame at `index` is text; what was opened behind it can still be closed. */
  private dissolve(index: number): void {
    const [{ opener, children }] = this.frames.splice(index, 1) as [Frame];
    const into = (this.frames[index - 1] as Frame).children;
    append(into, textOf(opener));
    for (const child of children) append(into, child);
  }
}

function append(nodes: Inline[], node: Inline): void {
  const last = nodes.at(-1);
  if (node.type === 'text' && last?.type === 'text') nodes[nodes.length - 1] = textOf(last.text + node.text);
  else nodes.push(node);
}

function textOf(text: string): Inline {
  return { type: 'text', text };
}

/** Links do not lie in links. */
function withoutLinks(nodes: readonly Inline[]): Inline[] {
  return nodes.flatMap((node) => {
    if (node.type === 'link') return withoutLinks(node.children);
    return 'children' in node ? [{ ...node, children: withoutLinks(node.children) }] : [node];
  });
}
