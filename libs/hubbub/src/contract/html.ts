/** Text that is HTML already. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = Html | string | number | undefined | readonly Part[];

/** Joins markup with values: whatever is not `Html` is escaped, undefined is nothing. */
export function html(markup: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(markup.reduce((text, next, index) => `${text}${render(parts[index - 1])}${next}`));
}

function render(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.text;
  return typeof part === 'object' ? part.map(render).join('') : escape(String(part));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}

/** A sentence, with what stands between backticks as code. */
export function prose(text: string): Html[] {
  return text.split('`').map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`));
}

/** JSON for people: indented, its names and values told apart by class. */
export function jsonBlock(value: unknown): Html {
  const text = JSON.stringify(value, null, 2);
  const parts: Html[] = [];
  let from = 0;
  for (const { 0: token, index } of text.matchAll(
    /"(?:[^"\\]|\\.)*"(?:\s*:)?|-?\d[\d.e+-]*|\b(?:true|false|null)\b/g,
  )) {
    const kind = token.endsWith(':') ? 'k' : token.startsWith('"') ? 's' : 'n';
    parts.push(html`${text.slice(from, index)}<span class="${kind}">${token}</span>`);
    from = index + token.length;
  }
  return html`<pre><code>${parts}${text.slice(from)}</code></pre>`;
}
