import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { findLiveCauses, findReproductions } from '../tools/find-live-causes.ts';
import { lineOf, listFiles, literalsOf, readSources, root, type Source, walk } from '../tools/read-sources.ts';
import { writeArchitecture } from '../tools/write-architecture.ts';
import { writeCausePages } from '../tools/write-cause-pages.ts';

// The rules of the house, as a test. A rule that is wrong is changed here, in the open, not stepped around.

const program = readSources('src', 'sandbox', 'web');
const everything = [...program, ...readSources('test', 'tools', 'bench', 'examples')];
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The places in the sources where a node is found that breaks a rule. */
function placesOf(sources: readonly Source[], breaks: (node: ts.Node, source: Source) => boolean): string[] {
  return sources.flatMap((source) => {
    const found: string[] = [];
    walk(source.tree, (node) => {
      if (breaks(node, source))
        found.push(`${source.path}:${lineOf(source, node)} ${node.getText(source.tree).slice(0, 80)}`);
    });
    return found;
  });
}

describe('time, chance and settings', () => {
  // The kernel has the one clock and the one source of chance; the sandbox and the web app, which are programs of
  // their own, have one place each.
  const ITS_PLACE = /^(src\/kernel|sandbox|web\/[a-z]+)\/(clock|random)\.ts$/;
  const elsewhere = program.filter(({ path }) => !ITS_PLACE.test(path));
  // A stopwatch such as `performance.now` tells no time of day and is free.
  const CLOCKS = ['Date.now', 'Temporal.Now'];
  const CHANCES = ['Math.random', 'crypto.randomUUID', 'crypto.getRandomValues'];
  const DICE = new Set(['randomBytes', 'randomInt', 'randomUUID', 'getRandomValues']);

  it('is asked of the clock only', () => {
    expect(
      placesOf(elsewhere, (node) => {
        if (ts.isNewExpression(node)) return node.expression.getText() === 'Date';
        return ts.isPropertyAccessExpression(node) && CLOCKS.includes(node.getText());
      }),
    ).toEqual([]);
  });
  it('comes from the source of chance only', () => {
    expect(
      placesOf(elsewhere, (node) => {
        if (ts.isImportSpecifier(node)) return DICE.has((node.propertyName ?? node.name).text);
        return ts.isPropertyAccessExpression(node) && CHANCES.includes(node.getText());
      }),
    ).toEqual([]);
  });
  it('come from the environment in one place only', () => {
    const places = placesOf(program, (node) => ts.isPropertyAccessExpression(node) && node.getText() === 'process.env');
    expect(places.filter((place) => !/^(src|sandbox)\/config\.ts:/.test(place))).toEqual([]);
  });
});

describe('tables', () => {
  const WRITE = /\b(?:insert\s+into|delete\s+from|update(?!\s+set))\s+(?:only\s+)?"?([a-z_][a-z0-9_]*)"?/gi;
  const KYSELY = /\.(?:insertInto|updateTable|deleteFrom|mergeInto)\(\s*['"]([a-z_][a-z0-9_]*)['"]/g;

  function tables(): Map<string, string> {
    const owners = new Map<string, string>();
    for (const path of listFiles('src/database/migrations', (name) => name.endsWith('.sql'))) {
      const number = Number(/(\d{4})-/.exec(path)?.[1]);
      const owner = number < 10 ? 'database' : number < 20 ? 'ledger' : number < 30 ? 'operations' : 'features';
      for (const [, table] of read(path).matchAll(
        /create\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?(\w+)/gi,
      )) {
        if (table) owners.set(table, owner);
      }
    }
    return owners;
  }

  /** `src/features/cards` or `src/ledger`: the folder whose sources write a table. */
  const writerOf = (path: string): string => /^src\/features\/[^/]+|^src\/[^/]+/.exec(path)?.[0] ?? path;

  it('are written where their owner lives, each in one room', () => {
    const owners = tables();
    const writers = new Map<string, Set<string>>();
    for (const { path, text } of readSources('src', 'sandbox')) {
      for (const [, table = ''] of [...text.matchAll(WRITE), ...text.matchAll(KYSELY)]) {
        if (!owners.has(table)) continue;
        writers.set(table, (writers.get(table) ?? new Set()).add(writerOf(path)));
      }
    }
    const faults = [...writers].flatMap(([table, folders]) => {
      const owner = owners.get(table);
      const strangers = [...folders].filter((folder) => !folder.startsWith(`src/${owner}`));
      return [
        ...strangers.map((folder) => `${table} belongs to ${owner} but is written in ${folder}`),
        ...(folders.size > 1 ? [`${table} is written in ${[...folders].join(' and ')}`] : []),
      ];
    });
    expect(faults).toEqual([]);
  });
});

describe('size', () => {
  const DATA =
    /^src\/(causes\/registry|policy\/data)\/|^src\/database\/schema\.ts$|^src\/causes\/(actions|lists|source-failures)\.ts$|\/words\//;
  /** Files that are longer, with how long they may be. The list may only shrink. */
  const LONGER: Readonly<Record<string, number>> = {};
  const linesOf = (text: string): number => text.trimEnd().split('\n').length;

  it('of a file is 400 lines at most, data aside', () => {
    const long = everything
      .filter(({ path }) => !DATA.test(path))
      .map(({ path, text }) => ({ path, lines: linesOf(text) }))
      .filter(({ path, lines }) => lines > (LONGER[path] ?? 400));
    expect(long).toEqual([]);
    expect(Object.keys(LONGER).filter((path) => !existsSync(join(root, path)) || linesOf(read(path)) <= 400)).toEqual(
      [],
    );
  });
  it('of a function is 70 lines at most, of a React component 120', () => {
    const isComponent = (node: ts.Node, source: Source): boolean => {
      const name = (
        ts.isFunctionDeclaration(node)
          ? node.name
          : ts.isVariableDeclaration(node.parent)
            ? node.parent.name
            : undefined
      )?.getText();
      return source.path.endsWith('x') && /^[A-Z]/.test(name ?? '');
    };
    // A function that has a name of its own inside another one is read by itself, and measured by itself.
    const isNamed = (node: ts.Node): boolean => {
      if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) return true;
      const named = ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent);
      return named && (ts.isArrowFunction(node) || ts.isFunctionExpression(node));
    };
    const ownLines = (node: ts.Node, source: Source): number => {
      let nested = 0;
      const measure = (child: ts.Node): void => {
        if (isNamed(child)) nested += linesOf(child.getText(source.tree));
        else ts.forEachChild(child, measure);
      };
      ts.forEachChild(node, measure);
      return linesOf(node.getText(source.tree)) - nested;
    };
    const long = placesOf(program, (node, source) => {
      if (!ts.isFunctionLike(node) || !('body' in node) || !node.body) return false;
      return ownLines(node, source) > (isComponent(node, source) ? 120 : 70);
    });
    expect(long).toEqual([]);
  });
});

describe('names', () => {
  it('of files are in kebab case', () => {
    const wrong = everything.filter(({ path }) => !/^[a-z0-9.-]+$/.test(path.split('/').at(-1) ?? ''));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });
  it('say what a thing is, not that it is a thing', () => {
    const EMPTY = /(Manager|Helper|Helpers|Util|Utils|Service|Impl)$/;
    expect(
      program
        .filter(({ path }) =>
          EMPTY.test(path.replace(/\.tsx?$/, '').replace(/-([a-z])/g, (_, l: string) => l.toUpperCase())),
        )
        .map(({ path }) => path),
    ).toEqual([]);
    const declared = placesOf(program, (node) => {
      const named =
        ts.isFunctionDeclaration(node) ||
        ts.isTypeAliasDeclaration(node) ||
        ts.isInterfaceDeclaration(node) ||
        ts.isClassDeclaration(node);
      return named && EMPTY.test(node.name?.text ?? '');
    });
    expect(declared).toEqual([]);
  });
  it('are how things are exported', () => {
    const CONFIGURATION = /(^|\/)[a-z]+\.config\.ts$/;
    const defaults = placesOf(everything, (node) => {
      if (ts.isExportAssignment(node)) return true;
      return node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent);
    });
    expect(defaults.filter((place) => !CONFIGURATION.test(place.split(':')[0] ?? ''))).toEqual([]);
  });
});

describe('text that people read', () => {
  // The words of the app lie in folders named `words`; everything else only names them.
  const screens = readSources('web').filter(({ path }) => !/\/words(\/|\.ts$)/.test(path));

  it('is not written into the code of the screens', () => {
    const chinese = screens.flatMap((source) =>
      literalsOf(source)
        .filter(({ text }) => /[\u3400-\u9fff\uff00-\uffef]/.test(text))
        .map(({ path, line, text }) => `${path}:${line} ${text}`),
    );
    const shown = placesOf(screens, (node) => {
      if (ts.isJsxText(node)) return /[A-Za-z\u3400-\u9fff]{2}/.test(node.text);
      if (!ts.isJsxAttribute(node) || !node.initializer || !ts.isStringLiteral(node.initializer)) return false;
      return (
        ['aria-label', 'title', 'placeholder', 'alt'].includes(node.name.getText()) &&
        /[A-Za-z]{2}/.test(node.initializer.text)
      );
    });
    expect([...chinese, ...shown]).toEqual([]);
  });
});

describe('the web app', () => {
  /** What a source brings along when it runs: its imports, but not those of types alone. */
  function broughtAlong({ tree }: Source): string[] {
    return tree.statements.flatMap((statement) => {
      if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
      const { importClause } = statement;
      const named = importClause?.namedBindings;
      const typesOnly = named && ts.isNamedImports(named) && named.elements.every((element) => element.isTypeOnly);
      const skipped = importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword || (typesOnly && !importClause?.name);
      return skipped ? [] : [statement.moduleSpecifier.text];
    });
  }

  it('brings nothing of Node into the browser', () => {
    const byPath = new Map(program.map((source) => [source.path, source]));
    const reached = new Map(program.filter(({ path }) => path.startsWith('web/')).map(({ path }) => [path, path]));
    const faults: string[] = [];
    for (const [path, way] of reached) {
      const source = byPath.get(path);
      for (const target of source ? broughtAlong(source) : []) {
        if (target.startsWith('node:')) faults.push(`${way} → ${target}`);
        const next = join(path, '..', target);
        if (target.startsWith('.') && !reached.has(next)) reached.set(next, `${way} → ${next}`);
      }
    }
    // How the app is built runs in Node; what is built does not.
    expect(faults.filter((fault) => !/^web\/[^→]*(vite\.config|build)[^→]*→/.test(fault))).toEqual([]);
  });
});

describe('causes', () => {
  it('reach a person through refusal(), which knows the registry, never built by hand', () => {
    const byHand = placesOf(program, (node, { path }) => {
      if (/^src\/(kernel\/failure|causes\/refusal)\.ts$/.test(path)) return false;
      return ts.isNewExpression(node) && node.expression.getText() === 'Failure';
    });
    expect(byHand).toEqual([]);
  });
  it('that the program can meet are each reproduced by a test', () => {
    const reproduced = findReproductions();
    const missing = [...findLiveCauses()].filter(([code]) => !reproduced.has(code));
    expect(missing.map(([code, places]) => `${code} (${places[0]?.path}:${places[0]?.line})`)).toEqual([]);
  });
});

describe('the documentation', () => {
  it('has the page that the registry gives, for every cause, and no other', () => {
    const pages = writeCausePages();
    const stale = [...pages].filter(([path, text]) => !existsSync(join(root, path)) || read(path) !== text);
    expect(stale.map(([path]) => `${path}: run npm run causes -- --write`)).toEqual([]);
    const found = listFiles('docs/causes', (name) => name.endsWith('.md')).filter(
      (path) => path !== 'docs/causes/README.md',
    );
    expect(found.filter((path) => !pages.has(path))).toEqual([]);
  });
  it('draws the rooms as rooms.cjs has them', () => {
    const [path, text] = writeArchitecture();
    expect(read(path), 'run npm run rooms -- --draw').toBe(text);
  });

  const pages = [
    'README.md',
    'README.zh-CN.md',
    'CONTRIBUTING.md',
    ...listFiles('docs', (name) => name.endsWith('.md')),
  ];
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

  it('names only commands that exist', () => {
    const BUILT_IN = ['ci', 'install', 'start', 'test'];
    const wrong = pages.flatMap((path) => {
      const text = read(path);
      const named = [
        ...[...text.matchAll(/\bnpm run ([a-z][a-z:-]*)/g)].map(([, name = '']) => name),
        ...[...text.matchAll(/\bnpm (?!run\b)([a-z]+)\b/g)]
          .map(([, name = '']) => name)
          .filter((name) => name === 'start' || name === 'test'),
      ];
      const commands = [...text.matchAll(/`npm (?!run\b)([a-z]+)/g)].map(([, name = '']) => name);
      const files = [...text.matchAll(/\bnode ((?:src|examples|tools|bench)\/[\w./-]+)/g)].map(([, file = '']) => file);
      return [
        ...named.filter((name) => !Object.hasOwn(scripts, name)).map((name) => `${path}: npm run ${name}`),
        ...commands.filter((name) => !BUILT_IN.includes(name)).map((name) => `${path}: npm ${name}`),
        ...files.filter((file) => !existsSync(join(root, file))).map((file) => `${path}: node ${file}`),
      ];
    });
    expect(wrong).toEqual([]);
  });
  it('names only settings that the configuration reads', () => {
    const settings = existsSync(join(root, 'src/config.ts')) ? read('src/config.ts') : '';
    const wrong = pages.flatMap((path) =>
      [...read(path).matchAll(/\bPURSER_[A-Z_]+\b/g)]
        .map(([name]) => name)
        .filter((name) => !settings.includes(name))
        .map((name) => `${path}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });
  it('points only to files that exist', () => {
    const wrong = pages.flatMap((path) =>
      [...read(path).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !existsSync(join(root, path, '..', target)))
        .map((target) => `${path}: ${target}`),
    );
    expect(wrong).toEqual([]);
  });
});
