import { actions, isPlaced } from '../../causes/actions.ts';
import type { Cause, CauseFlow, Language, RemedyEntry } from '../../causes/cause.ts';
import { describeCause } from '../../causes/describe-cause.ts';
import { fields } from '../../causes/field-names.ts';
import { flows, namespaces, params, sides } from '../../causes/lists.ts';
import { causeCodes, causeOf, type CauseCode } from '../../causes/registry.ts';
import { labelOf } from '../../causes/words.ts';
import type { Clock } from '../../kernel/clock.ts';
import { englishExamples, frameWords } from './frame-words.ts';

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`);
const otherOf = (language: Language): Language => (language === 'en' ? 'zh-CN' : 'en');
const code = (text: string): string => `<code>${escapeHtml(text)}</code>`;

export const docsPath = '/docs/causes';
const pathOf = (name: string, language: Language): string =>
  `${docsPath}${name === '' ? '' : `/${name}`}?lang=${language}`;

/** A whole page; `name` is the cause's code, or nothing for the list of all. */
function page(language: Language, name: string, title: string, body: string): string {
  const t = frameWords[language];
  const other = otherOf(language);
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(`${title} · ${t.brand}`)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/docs.css">
<link rel="alternate" hreflang="${other}" href="${pathOf(name, other)}">
</head>
<body>
<header><a href="/">${t.brand}</a><a href="${pathOf(name, other)}" lang="${other}" hreflang="${other}">${t.other}</a></header>
<main>
${body}
</main>
<footer><a href="${pathOf('', language)}">${t.all}</a><a href="/openapi.json">${t.api}</a></footer>
</body>
</html>
`;
}

const facts = (rows: readonly (readonly [string, string])[]): string =>
  `<dl class="panel">${rows.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`;

const exampleOf = (name: string, language: Language): string =>
  (language === 'en' ? englishExamples[name] : undefined) ?? params[name as keyof typeof params].example;

/** The words as somebody might meet them, with an example in each place. */
export function examplesFor(cause: Cause, language: Language): Record<string, string> {
  return Object.fromEntries(cause.params.map((name) => [name, exampleOf(name, language)]));
}

function fieldText(cause: Cause, language: Language): string {
  const t = frameWords[language];
  if (cause.field === null) return t.noField;
  return cause.field === '*' ? t.namedField : `${escapeHtml(fields[cause.field][language])} ${code(cause.field)}`;
}

/** What this wallet does by now; the registry also speaks of what it will do one day. */
const OF_TODAY: ReadonlySet<CauseFlow> = new Set([
  ...(['open', 'sign_in', 'verify_identity', 'bind_card', 'manage_card'] as const),
  ...(['top_up', 'withdraw', 'pay', 'transfer'] as const),
]);

function metIn(cause: Cause, language: Language): [string, string][] {
  const { where, list } = frameWords[language];
  const met = cause.flows.filter((flow) => OF_TODAY.has(flow)).map((flow) => flows[flow][language]);
  return met.length === 0 ? [] : [[where, escapeHtml(met.join(list))]];
}

function remedyList(cause: Cause, language: Language): string {
  const placed = cause.remedies.filter(({ action }) => isPlaced(action));
  const offered = placed.length > 0 ? placed : [{ action: 'contact_support' }];
  const items = offered.map(({ action, target }: RemedyEntry) => {
    const label = labelOf(action, language) ?? action;
    // "Edit this" says little without the form: the page names the input.
    const named = actions[action as keyof typeof actions].target === 'field' && target !== undefined && target !== '*';
    const what = named
      ? `${label}${language === 'en' ? ': ' : '：'}${fields[target as keyof typeof fields][language]}`
      : label;
    return `<li>${escapeHtml(what)}</li>`;
  });
  return `<ol class="panel">${items.join('')}</ol>`;
}

/** The page of one cause: what it means to a person, then what a program gets to see. */
function causePage(name: CauseCode, language: Language, clock: Clock): string {
  const t = frameWords[language];
  const cause: Cause = causeOf(name);
  const words = cause.words[language];
  const problem = describeCause(name, cause, { language, now: clock.now(), params: examplesFor(cause, language) });
  const { type, title, status, side, retry, moneyMoved, field } = problem;
  const shown = { type, title, status, detail: problem.detail, code: name, side, retry, moneyMoved, field };
  const paramText = cause.params.map((param) => `${code(param)} ${escapeHtml(exampleOf(param, language))}`);
  return page(
    language,
    name,
    words.title,
    `<p class="side">${escapeHtml(sides[cause.side][language])}</p>
<h1>${escapeHtml(words.title)}</h1>
<p class="lead">${escapeHtml(problem.detail)}</p>
${facts([
  [t.side, escapeHtml(words.sideNote)],
  [t.money, t.moneyFacts[cause.money]],
  [t.again, t.retries[cause.retry]],
  ...metIn(cause, language),
])}
<h2>${t.next}</h2>
${remedyList(cause, language)}
<h2>${t.developers}</h2>
${facts([
  [t.code, code(name)],
  [t.status, cause.httpStatus === null ? t.appOnly : code(String(cause.httpStatus))],
  ['side', code(cause.side)],
  ['retry', code(cause.retry)],
  ['moneyMoved', code(cause.money)],
  [t.field, fieldText(cause, language)],
  [t.params, paramText.join('<br>') || t.noParams],
  [t.attempts, cause.countsAsAttempt ? t.counted : t.notCounted],
])}
<h2>${t.example}</h2>
<div class="panel"><pre tabindex="0"><code>${escapeHtml(JSON.stringify(shown, null, 2))}</code></pre></div>`,
  );
}

function indexPage(language: Language): string {
  const t = frameWords[language];
  const groups = namespaces.map((namespace) => {
    const items = causeCodes
      .filter((name) => name.startsWith(`${namespace}.`))
      .map(
        (name) =>
          `<li><a href="${pathOf(name, language)}">${escapeHtml(causeOf(name).words[language].title)}</a>${code(name)}</li>`,
      );
    return `<h2 id="${namespace}">${escapeHtml(t.namespaces[namespace])}</h2>\n<ul class="panel">${items.join('')}</ul>`;
  });
  return page(language, '', t.index, `<h1>${t.index}</h1>\n<p class="lead">${t.indexLead}</p>\n${groups.join('\n')}`);
}

function missingPage(language: Language): string {
  const t = frameWords[language];
  return page(language, '', t.gone, `<h1>${t.gone}</h1>\n<p class="lead">${t.goneText}</p>`);
}

export type CausePages = { index: string; missing: string; of: (name: string) => string | undefined };

/** The pages of one language, each made when it is first asked for and kept: there are some hundred and eighty. */
export function createCausePages(language: Language, clock: Clock): CausePages {
  const made = new Map<string, string>();
  const known = new Set<string>(causeCodes);
  return {
    index: indexPage(language),
    missing: missingPage(language),
    of(name) {
      if (!known.has(name)) return undefined;
      const html = made.get(name) ?? causePage(name as CauseCode, language, clock);
      made.set(name, html);
      return html;
    },
  };
}
