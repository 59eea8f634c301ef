import en from './words/en.json' with { type: 'json' };
import zh from './words/zh-CN.json' with { type: 'json' };

export type Words = typeof zh;
export type PageLanguage = 'zh-CN' | 'en';

/** Both languages travel in the page: there is nowhere to fetch one from. */
export const wordsOf = (language: PageLanguage): Words => (language === 'en' ? en : zh);

/** Chinese for everybody whose browser does not ask for English. */
export const languageOfBrowser = (): PageLanguage =>
  navigator.language.toLowerCase().startsWith('en') ? 'en' : 'zh-CN';

/** Puts values in the places that a text keeps for them. */
export const fill = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
