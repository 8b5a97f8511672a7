/** JavaScript, source maps and declarations of what the entries of the packages reach. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, sep } from 'node:path';
import { transformFile } from '@swc/core';
import { ROOT, runNode } from '../run-process.mjs';

const SOURCE = /^libs\/([^/]+)\/src\/(.+)\.d\.ts$/;

/**
 * Compiles the entries and all they import. The declarations come from tsc, which so tells what is reached, the JavaScript
 * from swc with the settings of `npm run build`.
 * @param entries files below the project folder
 * @returns each file as `{ library, path, js, map, types }`, imports as the source has them; null when a type is wrong
 */
export async function compile(entries) {
  const folder = mkdtempSync(join(tmpdir(), 'hubbub-types-'));
  try {
    const config = join(folder, 'tsconfig.json');
    const compilerOptions = {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      outDir: folder,
      rootDir: ROOT,
    };
    const files = entries.map((entry) => join(ROOT, entry));
    writeFileSync(
      config,
      JSON.stringify({
        extends: join(ROOT, 'tsconfig.json'),
        // The types of Node and Jest are looked for from here.
        compilerOptions: { ...compilerOptions, typeRoots: [join(ROOT, 'node_modules/@types')] },
        files,
        include: [],
      }),
    );
    const { code } = await runNode(['node_modules/typescript7/bin/tsc', '-p', config]);
    if (code !== 0) return null;
    const declarations = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.d.ts'));
    return await Promise.all(declarations.map((file) => compileFile(folder, file.split(sep).join('/'))));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compileFile(folder, declaration) {
  const [, library, path] = SOURCE.exec(declaration) ?? [];
  if (library === undefined) throw new Error(`${declaration} is of no library, and imported by one`);
  const source = join(ROOT, declaration.replace(/\.d\.ts$/, '.ts'));
  const { code, map } = await transformFile(source, { root: ROOT, cwd: ROOT });
  return {
    library,
    path,
    js: `${code}\n//# sourceMappingURL=${basename(path)}.js.map\n`,
    // The text of the source is in it; its place on this machine is nobody's business.
    map: JSON.stringify({ ...JSON.parse(map), sources: [`${basename(path)}.ts`], sourceRoot: undefined }),
    types: readFileSync(join(folder, declaration), 'utf8'),
    source: relative(ROOT, source),
  };
}
