import i18next, { type BackendModule } from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';
import type { UiLanguage } from './format-time.ts';
import type { WordArea } from './words.ts';

const KEY = 'purser.language';

const isLanguage = (text: unknown): text is UiLanguage => text === 'zh-CN' || text === 'en';

/** What was chosen before, else what the browser asks for; Chinese for everything that is not English. */
function preferredLanguage(): UiLanguage {
  const chosen = localStorage.getItem(KEY);
  if (isLanguage(chosen)) return chosen;
  return navigator.language.toLowerCase().startsWith('en') ? 'en' : 'zh-CN';
}

function wordBackend(areas: Readonly<Record<string, WordArea>>): BackendModule {
  return {
    type: 'backend',
    init: () => undefined,
    read: (language, area, done) => {
      const load = isLanguage(language) ? areas[area]?.[language] : undefined;
      if (!load) return done(new Error(`no words for ${area} in ${language}`), null);
      load().then(
        (words) => done(null, words.default),
        (error: Error) => done(error, null),
      );
    },
  };
}

/** Loads the words of the language in use; further areas come with the screens that name them. */
export async function startWords(areas: Readonly<Record<string, WordArea>>, first: readonly string[]): Promise<void> {
  const language = preferredLanguage();
  document.documentElement.lang = language;
  i18next.on('languageChanged', (changed) => {
    document.documentElement.lang = changed;
  });
  await i18next
    .use(wordBackend(areas))
    .use(initReactI18next)
    .init({
      lng: language,
      supportedLngs: ['zh-CN', 'en'],
      load: 'currentOnly',
      fallbackLng: false,
      ns: [...first],
      interpolation: { escapeValue: false },
      returnNull: false,
    });
}

export const currentLanguage = (): UiLanguage => (isLanguage(i18next.language) ? i18next.language : 'zh-CN');

export async function chooseLanguage(language: UiLanguage): Promise<void> {
  localStorage.setItem(KEY, language);
  await i18next.changeLanguage(language);
}

/** The language of the screen; a component that calls it is drawn again when it changes. */
export function useLanguage(): UiLanguage {
  const { i18n } = useTranslation('ui');
  return isLanguage(i18n.language) ? i18n.language : 'zh-CN';
}
