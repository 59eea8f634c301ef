import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { paths, withQuery } from './flows/paths.ts';
import { useMe } from './queries.ts';

/** For whoever finds a movement that somebody else made: the account is stopped before anything is asked. */
export function NotYou({ here }: { here: string }) {
  const { t } = useTranslation('wallet');
  const { data: me } = useMe();
  if (me?.accountState !== 'normal') return null;
  return (
    <p className="between not-you">
      <span className="note">{t('transaction.notYou')}</span>
      <Link className="link link-s" to={withQuery(paths.freeze, { return: here })}>
        {t('transaction.freeze')}
      </Link>
    </p>
  );
}
