import { transformSync } from '@swc/core';

/** The first fenced block of `page` in that language that holds `words`. @throws Error if there is none */
export function blockOf(page, language, words) {
  const blocks = [...page.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].filter(([, fence]) => fence === language);
  const found = blocks.find(([, , text]) => text.includes(words))?.[2];
  if (found === undefined) throw new Error(`the page has no block with ${words}`);
  return found;
}

/**
 * Runs an example as it stands on its page, where `await` and `import` are at the top.
 * @param text with `export const result = …` behind it, which is resolved with
 * @param load what its imports are loaded by
 */
export async function runExample(text, load) {
  const { code } = transformSync(text, {
    swcrc: false,
    module: { type: 'commonjs' },
    jsc: {
      target: 'es2023',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
  });
  const exported = {};
  const AsyncFunction = (async () => undefined).constructor;
  await new AsyncFunction('require', 'exports', code)(load, exported);
  return exported.result;
}
