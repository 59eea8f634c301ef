import { useTranslation } from 'react-i18next';
import { ButtonLink } from '../../ui/button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { chooseLanguage, useLanguage } from '../../ui/language.ts';
import { paths } from '../flows/paths.ts';
import { Promises } from '../promises.tsx';

/** The first thing a stranger sees: what this is, and one button. */
export function WelcomePage() {
  const { t } = useTranslation('wallet');
  const language = useLanguage();
  return (
    <div className="screen hall">
      <title>{t('app')}</title>
      <main className="screen-main" id="content" tabIndex={-1}>
        <div className="body welcome">
          <Promises heading="h1" />
        </div>
        <div className="dock">
          <ButtonLink to={paths.open}>{t('signIn.action')}</ButtonLink>
          <ButtonLink kind="quiet" to={paths.status}>
            {t('signIn.status')}
          </ButtonLink>
          <Choice
            label={t('me.language')}
            value={language}
            options={[
              { value: 'zh-CN', label: t('languages.zh-CN'), lang: 'zh-CN' },
              { value: 'en', label: t('languages.en'), lang: 'en' },
            ]}
            onChange={(next) => void chooseLanguage(next)}
          />
        </div>
      </main>
    </div>
  );
}
