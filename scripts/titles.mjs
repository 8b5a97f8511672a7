/** What the tests of a file say: read from its source, so that nothing has to run. */
import { parseSync } from '@swc/core';

const PLACEHOLDER = /%[sdifjopOc#]|\$\{?[\w.]+\}?/g;

/** The titles of `it(…)` and `test(…)` in a source; `…` is what a template or a row of `it.each` fills in. What is skipped shows nothing. */
export function titlesOf(source) {
  const titles = new Set();
  for (const {
    callee,
    arguments: [first],
  } of callsIn(parseSync(source, { syntax: 'typescript', decorators: true }))) {
    const words = wordsOf(callee);
    if (!['it', 'test'].includes(words[0]) || words.includes('skip') || words.includes('todo')) continue;
    const title = textOf(first?.expression);
    if (title !== undefined) titles.add(words.includes('each') ? title.replaceAll(PLACEHOLDER, '…') : title);
  }
  return titles;
}

function* callsIn(node) {
  if (node === null || typeof node !== 'object') return;
  if (node.type === 'CallExpression') yield node;
  for (const inner of Object.values(node)) yield* callsIn(inner);
}

/** `it.each(rows)` as `['it', 'each']`. */
function wordsOf(callee) {
  if (callee.type === 'Identifier') return [callee.value];
  if (callee.type === 'MemberExpression') return [...wordsOf(callee.object), callee.property.value];
  if (callee.type === 'CallExpression') return wordsOf(callee.callee);
  if (callee.type === 'TaggedTemplateExpression') return wordsOf(callee.tag);
  return [];
}

function textOf(node) {
  if (node?.type === 'StringLiteral') return node.value;
  if (node?.type === 'TemplateLiteral') return node.quasis.map(({ cooked }) => cooked).join('…');
  return undefined;
}
