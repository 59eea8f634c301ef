import { useTranslation } from 'react-i18next';
import { ButtonLink } from '../../ui/button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { Icon } from '../../ui/icon.tsx';
import { chooseLanguage, useLanguage } from '../../ui/language.ts';
import { paths } from '../flows/paths.ts';

/** The first thing a stranger sees: what this is, and one button. */
export function WelcomePage() {
  const { t } = useTranslation('wallet');
  const language = useLanguage();
  return (
    <div className="screen">
      <title>{t('app')}</title>
      <main className="screen-main" id="content" tabIndex={-1}>
        <div className="body welcome">
          <span className="logo">
            <Icon name="mark" />
            {t('app')}
          </span>
          <div className="fill" />
          <h1 className="headline">{t('signIn.title')}</h1>
          <p className="soft">{t('signIn.note')}</p>
          <ul className="promises panel rows">
            {(['final', 'held', 'open'] as const).map((rule) => (
              <li key={rule} className="row">
                <span className={`ruled rule-${rule} promise-rule`} aria-hidden="true" />
                <span>{t(`signIn.promise.${rule}`)}</span>
              </li>
            ))}
          </ul>
          <p className="note section-next">{t('signIn.failing')}</p>
          <div className="fill" />
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
