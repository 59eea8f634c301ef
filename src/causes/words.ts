import type { FailureParams } from '../kernel/failure.ts';
import type { Cause, Language } from './cause.ts';
import { actions } from './actions.ts';
import { formatParam, type ReadingContext } from './format-params.ts';

export type FilledWords = { readonly title: string; readonly text: string; readonly sideNote: string };

/** How a party is called when its name is not known. Every other placeholder without a value takes its sentence with it. */
const namesOfTheUnnamed: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  bank: { 'zh-CN': '银行', en: 'the bank' },
  service: { 'zh-CN': '合作方', en: 'the partner' },
  merchant: { 'zh-CN': '商家', en: 'the merchant' },
  payee: { 'zh-CN': '对方', en: 'the payee' },
};

const PLACEHOLDER = /\{(\w+)\}/g;
/** A sentence ends with a full stop that is followed by nothing, a space, or (in Chinese) anything. */
const SENTENCE = /[^。]*。|[^.]*(?:\.(?!\s|$)[^.]*)*\.(?:\s+|$)|.+$/g;

function fillSentence(sentence: string, params: FailureParams, reading: ReadingContext): string | undefined {
  let complete = true;
  const filled = sentence.replace(PLACEHOLDER, (_, name: string) => {
    const value = params[name];
    if (value !== undefined) return formatParam(name, value, reading);
    const unnamed = namesOfTheUnnamed[name]?.[reading.language];
    complete &&= unnamed !== undefined;
    return unnamed ?? '';
  });
  return complete ? filled : undefined;
}

const withCapital = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);

/**
 * The words of a cause with its placeholders filled. A sentence with a placeholder that has no value is left out,
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
  return { title, text: filled === '' ? `${title}${reading.language === 'zh-CN' ? '。' : '.'}` : filled, sideNote };
}

/** The words on the button of a remedy. */
export function labelOf(action: string, language: Language): string | undefined {
  return Object.hasOwn(actions, action) ? actions[action as keyof typeof actions].label[language] : undefined;
}
