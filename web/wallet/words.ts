import { uiWords, type SameWords, type WordArea } from '../ui/words.ts';
import { flowWords } from './flows/words.ts';
import type en from './words/en.json';
import type zh from './words/zh-CN.json';

declare module '../ui/words.ts' {
  interface WordResources {
    wallet: typeof zh;
  }
}

true satisfies SameWords<typeof zh, typeof en>;

/** Every area of words that this app knows; an area is fetched when the first screen names it. */
export const wordAreas: Readonly<Record<string, WordArea>> = {
  ui: uiWords,
  flows: flowWords,
  wallet: {
    'zh-CN': () => import('./words/zh-CN.json', { with: { type: 'json' } }),
    en: () => import('./words/en.json', { with: { type: 'json' } }),
  },
};
