import type { Cause, Language, Namespace } from '../src/causes/cause.ts';
import { actions } from '../src/causes/actions.ts';
import { fields } from '../src/causes/field-names.ts';
import { flows, namespaces, params, sides } from '../src/causes/lists.ts';
import { causeCodes, causeOf } from '../src/causes/registry.ts';

/** The words around the words: what a page of the documentation says beside what the registry says. */
const frame = {
  'zh-CN': {
    heading: '失败原因',
    intro: '这一页由登记表生成（`npm run causes -- --write`），请不要直接修改。',
    side: '在谁那边',
    retry: '能不能重试',
    money: '钱',
    status: '状态码',
    flows: '出现在',
    remedies: '下一步',
    field: '哪一项',
    params: '占位内容',
    hint: '给客服',
    counts: '会用掉一次机会。',
    appOnly: '只有应用自己能发现',
    named: '由这次失败指明',
    next: '另一种语言',
    retries: {
      after_fix: '改好以后可以',
      later: '到时间以后可以',
      query_first: '先查结果，别重复操作',
      other_method: '换一种方式可以',
      no: '重复没有用',
    },
    moneyFacts: {
      no: '没有动',
      held: '预留着',
      yes: '已经动了',
      unknown: '还不能确定',
      per_attempt: '看那一笔的记录',
    },
    kinds: { money: '金额', time: '时间', count: '数字或代号', name: '名称' },
    colon: '：',
    comma: '、',
    semicolon: '；',
  },
  en: {
    heading: 'Causes of failure',
    intro: 'Made from the registry (`npm run causes -- --write`). Please do not edit this page by hand.',
    side: 'In whose hands',
    retry: 'Trying again',
    money: 'The money',
    status: 'Status',
    flows: 'Met in',
    remedies: 'What next',
    field: 'The input',
    params: 'Placeholders',
    hint: 'For support',
    counts: 'It uses up one try.',
    appOnly: 'only the app can notice it',
    named: 'named by the failure',
    next: 'The other language',
    retries: {
      after_fix: 'once it is put right',
      later: 'from a certain moment on',
      query_first: 'only after asking for the result',
      other_method: 'by another way',
      no: 'changes nothing',
    },
    moneyFacts: {
      no: 'did not move',
      held: 'is reserved',
      yes: 'has moved',
      unknown: 'is not known yet',
      per_attempt: 'as the record of the operation says',
    },
    kinds: { money: 'money', time: 'time', count: 'number or code', name: 'name' },
    colon: ': ',
    comma: ', ',
    semicolon: '; ',
  },
} as const;

function fieldText(cause: Cause, language: Language): string {
  if (cause.field === '*') return frame[language].named;
  return cause.field === null ? '–' : `${fields[cause.field][language]} (\`${cause.field}\`)`;
}

function remedyLines(cause: Cause, language: Language): string[] {
  return cause.remedies.map(({ action, target }, i) => {
    const label = actions[action as keyof typeof actions].label[language];
    return `${i + 1}. ${label} (\`${target === undefined ? action : `${action}:${target}`}\`)`;
  });
}

function describeEntry(code: string, cause: Cause, language: Language): string {
  const t = frame[language];
  const words = cause.words[language];
  const facts = [
    [t.side, `${sides[cause.side][language]} (\`${cause.side}\`)${t.semicolon}${words.sideNote}`],
    [t.retry, `${t.retries[cause.retry]} (\`${cause.retry}\`)`],
    [t.money, `${t.moneyFacts[cause.money]} (\`${cause.money}\`)`],
    [t.status, cause.httpStatus === null ? t.appOnly : `\`${cause.httpStatus}\``],
    [t.field, fieldText(cause, language)],
    [t.flows, cause.flows.map((flow) => flows[flow][language]).join(t.comma)],
    [t.params, cause.params.map((name) => `\`${name}\` (${t.kinds[params[name].kind]})`).join(t.comma) || '–'],
  ];
  return [
    `<a id="${code}"></a>`,
    '',
    `## ${words.title}`,
    '',
    `\`${code}\``,
    '',
    `> ${words.text}`,
    '',
    ...facts.map(([name, value]) => `- **${name}**${t.colon}${value}`),
    '',
    `**${t.remedies}**`,
    '',
    ...remedyLines(cause, language),
    '',
    `**${t.hint}**${t.colon}${words.supportHint}${cause.countsAsAttempt ? ` ${t.counts}` : ''}`,
  ].join('\n');
}

const fileOf = (namespace: Namespace): string => `${namespace.replaceAll('_', '-')}.md`;

function pageOf(namespace: Namespace, language: Language): string {
  const t = frame[language];
  const other = language === 'en' ? 'zh-CN' : 'en';
  const entries = causeCodes
    .filter((code) => code.startsWith(`${namespace}.`))
    .map((code) => describeEntry(code, causeOf(code), language));
  return `${[
    `# ${t.heading}${t.colon}\`${namespace}\``,
    `${t.intro} [${t.next}](../${other}/${fileOf(namespace)})`,
    ...entries,
  ].join('\n\n')}\n`;
}

function indexOf(language: Language): string {
  const t = frame[language];
  const lists = namespaces.map((namespace) => {
    const codes = causeCodes.filter((code) => code.startsWith(`${namespace}.`));
    const lines = codes.map(
      (code) => `- [${causeOf(code).words[language].title}](${fileOf(namespace)}#${code}) \`${code}\``,
    );
    return [`## \`${namespace}\``, '', ...lines].join('\n');
  });
  return `${[`# ${t.heading}`, t.intro, ...lists].join('\n\n')}\n`;
}

/** The pages of the documentation about causes, by their paths from the root of the repository. */
export function writeCausePages(): Map<string, string> {
  const pages = new Map<string, string>();
  for (const language of ['zh-CN', 'en'] as const) {
    pages.set(`docs/causes/${language}/README.md`, indexOf(language));
    for (const namespace of namespaces)
      pages.set(`docs/causes/${language}/${fileOf(namespace)}`, pageOf(namespace, language));
  }
  return pages;
}
