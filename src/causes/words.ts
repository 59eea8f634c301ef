import type { FailureParams } from '../kernel/failure.ts';
import type { Cause, Language } from './cause.ts';
import { actions } from './actions.ts';
import { formatParam, type ReadingContext } from './format-params.ts';

export type FilledWords = { readonly title: string; readonly text: string; readonly sideNote: string };

/** How a party is called when its name is not known. Every other placeholder without a value takes its clause with it. */
const namesOfTheUnnamed: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  bank: { 'zh-CN': '银行', en: 'the bank' },
  service: { 'zh-CN': '合作方', en: 'the partner' },
  merchant: { 'zh-CN': '商家', en: 'the merchant' },
  payee: { 'zh-CN': '对方', en: 'the payee' },
};

const PLACEHOLDER = /\{(\w+)\}/g;
/** A sentence ends with a full stop that is followed by nothing, a space, or (in Chinese) anything. */
const SENTENCE = /[^。]*。|[^.]*(?:\.(?!\s|$)[^.]*)*\.(?:\s+|$)|.+$/g;

/** Where a sentence can be cut so that what stands on either side is still said well. */
const CLAUSES: Readonly<Record<Language, RegExp>> = { 'zh-CN': /(?<=[，；])/, en: /(?<=;)|(?=, (?:or|and) )/ };
/** A condition or an aim without the rest of its sentence says nothing: such a sentence goes as a whole. */
const DEPENDENT = /如果|为了|的话|^没能|收款码，/;
const STOP: Readonly<Record<Language, string>> = { 'zh-CN': '。', en: '.' };

function fillClause(clause: string, params: FailureParams, reading: ReadingContext): string | undefined {
  let complete = true;
  const filled = clause.replace(PLACEHOLDER, (_, name: string) => {
    const value = params[name];
    if (value !== undefined) return formatParam(name, value, reading);
    const unnamed = namesOfTheUnnamed[name]?.[reading.language];
    complete &&= unnamed !== undefined;
    return unnamed ?? '';
  });
  return complete ? filled : undefined;
}

function fillSentence(sentence: string, params: FailureParams, reading: ReadingContext): string | undefined {
  const whole = fillClause(sentence, params, reading);
  if (whole !== undefined || DEPENDENT.test(sentence)) return whole;
  const clauses = sentence
    .split(CLAUSES[reading.language])
    .map((clause) => fillClause(clause, params, reading))
    .filter((clause) => clause !== undefined);
  if (clauses.length === 0) return undefined;
  const bare = clauses.join('').replace(/^[,;\s]+(?:or |and )?|[，；。,;.\s]+$/g, '');
  return `${bare}${STOP[reading.language]}${reading.language === 'en' ? ' ' : ''}`;
}

const withCapital = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);

/**
 * The words of a cause with its placeholders filled. A clause with a placeholder that has no value is left out,
 * so that a bank which does not say how many tries are left never puts braces before a person.
 */
export function wordsFor(cause: Cause, params: FailureParams, reading: ReadingContext): FilledWords {
  const { title, text, sideNote } = cause.words[reading.language];
  const sentences = (text.match(SENTENCE) ?? []).map((sentence) => fillSentence(sentence, params, reading));
  const filled = sentences
    .filter((sentence) => sentence !== undefined)
    .map(withCapital)
    .join('')
    .trim();
  return { title, text: filled === '' ? `${title}${STOP[reading.language]}` : filled, sideNote };
}

/** The words on the button of a remedy. */
export function labelOf(action: string, language: Language): string | undefined {
  return Object.hasOwn(actions, action) ? actions[action as keyof typeof actions].label[language] : undefined;
}
