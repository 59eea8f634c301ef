import ts from 'typescript';
import { type CauseCode, causeCodes, causeOf, isCauseCode } from '../src/causes/registry.ts';
import { type Literal, lineOf, literalsOf, readSources, walk } from './read-sources.ts';

export type Place = { readonly path: string; readonly line: number };
export type Reproduction = Place & { readonly test: string };

/** The raw codes of the sandbox's line, by what they are mapped to. */
function sandboxCodes(): ReadonlyMap<string, CauseCode[]> {
  const codes = new Map<string, CauseCode[]>();
  for (const code of causeCodes) {
    for (const raw of causeOf(code).raw) {
      if (raw.rail === 'sandbox') codes.set(raw.code, [...(codes.get(raw.code) ?? []), code]);
    }
  }
  return codes;
}

/**
 * The causes that the program can meet now, with the places that raise them: their codes as texts in the sources,
 * and the raw answers that the sandbox's banks and registers can give.
 */
export function findLiveCauses(): Map<CauseCode, Place[]> {
  const live = new Map<CauseCode, Place[]>();
  const add = (code: CauseCode, { path, line }: Literal) => live.set(code, [...(live.get(code) ?? []), { path, line }]);
  for (const source of readSources('src', 'web')) {
    if (source.path.startsWith('src/causes/')) continue;
    for (const literal of literalsOf(source)) if (isCauseCode(literal.text)) add(literal.text, literal);
  }
  const raw = sandboxCodes();
  for (const source of readSources('sandbox')) {
    for (const literal of literalsOf(source)) for (const code of raw.get(literal.text) ?? []) add(code, literal);
  }
  return live;
}

function nameOfTest(node: ts.Node): string {
  for (let up = node.parent; up; up = up.parent) {
    if (!ts.isCallExpression(up)) continue;
    const name = up.expression.getText();
    const title = up.arguments[0];
    if (/^(it|test)\b/.test(name) && title && ts.isStringLiteralLike(title)) return title.text;
  }
  return '';
}

/** The tests that reproduce a cause: those that call `reproduces('…')`. */
export function findReproductions(): Map<CauseCode, Reproduction[]> {
  const found = new Map<CauseCode, Reproduction[]>();
  for (const source of readSources('test')) {
    walk(source.tree, (node) => {
      if (!ts.isCallExpression(node) || node.expression.getText(source.tree) !== 'reproduces') return;
      const code = node.arguments[0];
      if (!code || !ts.isStringLiteralLike(code) || !isCauseCode(code.text)) return;
      const place = { path: source.path, line: lineOf(source, node), test: nameOfTest(node) };
      found.set(code.text, [...(found.get(code.text) ?? []), place]);
    });
  }
  return found;
}
