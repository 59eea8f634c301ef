import type uiEn from './words/en.json';
import type uiZh from './words/zh-CN.json';
import type { UiLanguage } from './format-time.ts';

/** The words by area; an app adds its own areas to this interface beside its words. */
export interface WordResources {
  ui: typeof uiZh;
}

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'ui';
    resources: WordResources;
  }
}

/** A key path of words, without the plural ending that only some languages have. */
type KeysOf<T> = {
  [K in keyof T & string]: T[K] extends string ? WithoutPlural<K> : `${K}.${KeysOf<T[K]>}`;
}[keyof T & string];
type WithoutPlural<K extends string> = K extends `${infer Base}_one` | `${infer Base}_other` ? Base : K;

/** Holds when both languages have the same keys; what is missing stands in the error. */
export type SameWords<A, B> = [Exclude<KeysOf<A>, KeysOf<B>>, Exclude<KeysOf<B>, KeysOf<A>>] extends [never, never]
  ? true
  : { onlyInFirst: Exclude<KeysOf<A>, KeysOf<B>>; onlyInSecond: Exclude<KeysOf<B>, KeysOf<A>> };

true satisfies SameWords<typeof uiZh, typeof uiEn>;

type WordFile = () => Promise<{ default: object }>;

/** Where the words of one area are fetched, a language at a time. */
export type WordArea = Readonly<Record<UiLanguage, WordFile>>;

export const uiWords: WordArea = {
  'zh-CN': () => import('./words/zh-CN.json', { with: { type: 'json' } }),
  en: () => import('./words/en.json', { with: { type: 'json' } }),
};
