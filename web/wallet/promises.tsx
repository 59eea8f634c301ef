import { useTranslation } from 'react-i18next';
import { Icon } from '../ui/icon.tsx';

/** What this wallet promises: the three rules of a book that is kept in the open. */
export function Promises({ heading: Heading }: { heading: 'h1' | 'p' }) {
  const { t } = useTranslation('wallet');
  return (
    <>
      <span className="logo">
        <Icon name="mark" />
        {t('app')}
      </span>
      <div className="fill" />
      <Heading className="headline">{t('signIn.title')}</Heading>
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
    </>
  );
}
