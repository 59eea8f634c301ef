import { useTranslation } from 'react-i18next';
import { ButtonLink } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { paths } from '../flows/paths.ts';
import { useMe } from '../queries.ts';

/** No movement yet, and what to do first; a wallet that is closed has no first step. */
export function EmptyFeed() {
  const { t } = useTranslation('wallet');
  const { data: me } = useMe();
  const isClosed = me?.accountState === 'closed';
  return (
    <section className="feed">
      {isClosed ? (
        <EmptyState icon="list" title={t('home.emptyTitle')} />
      ) : (
        <EmptyState
          icon="list"
          title={t('home.emptyTitle')}
          note={t('home.emptyNote')}
          action={
            <ButtonLink kind="line" to={paths.topUp}>
              {t('home.emptyAction')}
            </ButtonLink>
          }
        />
      )}
    </section>
  );
}
