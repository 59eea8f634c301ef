import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { ButtonLink } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { NotReadYet, problemIn } from '../parts/not-read-yet.tsx';
import { useMe, useSmallPayments } from '../parts/wallet-door.ts';
import { paths, safeReturn, withQuery } from '../paths.ts';
import { SmallPaymentsForm } from './small-payments-form.tsx';

/** Which sums leave for others without the payment PIN: none, unless one switches it on. */
export function SmallPaymentsPage() {
  const { t } = useTranslation('flows');
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const { me, error, reload } = useMe();
  const setting = useSmallPayments();
  const close = () => void navigate(safeReturn(search.get('return')) ?? paths.home);
  const title = t('small.title');
  if (!me || !setting.small)
    return (
      <NotReadYet
        title={title}
        problem={problemIn(error ?? setting.error)}
        again={error ? reload : setting.reload}
        here={paths.smallPayments}
        onClose={close}
      />
    );
  if (!me.pinSet)
    return (
      <Screen title={title} onBack={close}>
        <EmptyState
          icon="lock"
          title={t('small.needPin')}
          note={t('small.needPinText')}
          action={
            <ButtonLink to={withQuery(paths.pin, { return: paths.smallPayments })}>{t('small.goSet')}</ButtonLink>
          }
        />
      </Screen>
    );
  return <SmallPaymentsForm title={title} small={setting.small} onBack={close} />;
}
