/** What a compiled file imports: read and rewritten by the scanner of TypeScript, so that a text in quotes is not taken for one. */
import ts from 'typescript';

/**
 * The import specifiers of a JavaScript or declaration file, in the order they stand.
 * @returns each with its place, and whether it is asked for only when the program comes there
 */
export function specifiersOf(text) {
  return ts
    .preProcessFile(text, true, false)
    .importedFiles.map(({ fileName: specifier, pos }) => ({
      specifier,
      start: pos + 1,
      end: pos + 1 + specifier.length,
      isDynamic: /\bimport\s*\(\s*$/.test(text.slice(0, pos)),
    }))
    .sort((a, b) => a.start - b.start);
}

/** The file with each specifier replaced by what `target` makes of it. */
export function rewriteSpecifiers(text, target) {
  let rewritten = '';
  let end = 0;
  for (const found of specifiersOf(text)) {
    rewritten += text.slice(end, found.start) + target(found.specifier);
    end = found.end;
  }
  return rewritten + text.slice(end);
}

/** `@nestjs/common` of `@nestjs/common/internal`; none of a file's own path or of Node's. */
export function packageNameOf(specifier) {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)[0];
}
