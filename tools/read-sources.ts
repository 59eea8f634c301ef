import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export const root = join(import.meta.dirname, '..');

export type Source = {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
};

const SKIPPED = new Set(['node_modules', 'dist', '.purser', '.git']);

/** Every file below a folder of the repository whose name passes, in a fixed order; none when the folder is not there. */
export function listFiles(folder: string, passes: (name: string) => boolean): string[] {
  if (!existsSync(join(root, folder))) return [];
  const found: string[] = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) found.push(...listFiles(path, passes));
    if (entry.isFile() && passes(entry.name)) found.push(path);
  }
  return found.sort();
}

/** The TypeScript sources below the folders, parsed. */
export function readSources(...folders: string[]): Source[] {
  return folders
    .flatMap((folder) => listFiles(folder, (name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts')))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      const kind = path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
      return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind) };
    });
}

/** Calls `visit` with every node of a source. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

export type Literal = { readonly text: string; readonly path: string; readonly line: number };

export const lineOf = (source: Source, node: ts.Node): number =>
  source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree)).line + 1;

/** Every text written in a source, template strings without holes included; import paths are not. */
export function literalsOf(source: Source): Literal[] {
  const found: Literal[] = [];
  walk(source.tree, (node) => {
    if (!ts.isStringLiteralLike(node) || ts.isImportDeclaration(node.parent)) return;
    found.push({ text: node.text, path: source.path, line: lineOf(source, node) });
  });
  return found;
}
