import uiEn from '../../../web/ui/words/en.json' with { type: 'json' };
import flowsEn from '../../../web/ui/words/flows.en.json' with { type: 'json' };
import flowsZh from '../../../web/ui/words/flows.zh-CN.json' with { type: 'json' };
import uiZh from '../../../web/ui/words/zh-CN.json' with { type: 'json' };

export type Language = 'zh-CN' | 'en';
export type Words = { flows: typeof flowsZh; ui: typeof uiZh };
export const words: Record<Language, Words> = {
  'zh-CN': { flows: flowsZh, ui: uiZh },
  en: { flows: flowsEn as unknown as typeof flowsZh, ui: uiEn as unknown as typeof uiZh },
};
