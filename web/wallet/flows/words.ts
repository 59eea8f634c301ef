import type en from '../../ui/words/flows.en.json';
import type zh from '../../ui/words/flows.zh-CN.json';
import type { SameWords, WordArea } from '../../ui/words.ts';

declare module '../../ui/words.ts' {
  interface WordResources {
    flows: typeof zh;
  }
}

true satisfies SameWords<typeof zh, typeof en>;

/** The words of everything a person can ask the wallet to do; fetched with the first flow that is opened. */
export const flowWords: WordArea = {
  'zh-CN': () => import('../../ui/words/flows.zh-CN.json', { with: { type: 'json' } }),
  en: () => import('../../ui/words/flows.en.json', { with: { type: 'json' } }),
};
