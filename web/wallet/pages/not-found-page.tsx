import { useTranslation } from 'react-i18next';
import { ButtonLink } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { paths } from '../flows/paths.ts';
import { Page } from '../page.tsx';

export function NotFoundPage() {
  const { t } = useTranslation('wallet');
  return (
    <Page title={t('trouble.notFoundTitle')}>
      <EmptyState
        icon="search"
        title={t('trouble.notFoundTitle')}
        note={t('trouble.notFoundNote')}
        action={<ButtonLink to={paths.home}>{t('trouble.home')}</ButtonLink>}
      />
    </Page>
  );
}
