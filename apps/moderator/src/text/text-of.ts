/** What a person reads of a message's content: every text in it, whatever its form; names of fields are not read by anybody. */
export function textOf(content: unknown): string {
  const texts: string[] = [];
  collect(content, texts);
  return texts.join('\n');
}

/** No deeper than a gateway lets content nest. */
function collect(value: unknown, texts: string[]): void {
  if (typeof value === 'string') texts.push(value);
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) collect(inner, texts);
}
