import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { instant } from '../../client/clock.ts';
import { Amount } from '../../ui/amount.tsx';
import { formatMoney, isZero } from '../../ui/format-money.ts';
import { formatClock, formatMoment, isToday } from '../../ui/format-time.ts';
import { Icon } from '../../ui/icon.tsx';
import type { IconName } from '../../ui/icon-shapes.ts';
import { useLanguage } from '../../ui/language.ts';
import { AmountSkeleton } from '../../ui/skeletons.tsx';
import { paths } from '../flows/paths.ts';
import { useBalance, useMe } from '../queries.ts';
import { ReadFailure } from '../trouble.tsx';

type BalanceBlockProps = { hidden: boolean; onToggle: () => void; moving: boolean };

/** What can be spent, over the double rule: the books were checked. What is open is told beside it, in no figure. */
export function BalanceBlock({ hidden, onToggle, moving }: BalanceBlockProps) {
  const { t } = useTranslation('wallet');
  const { t: ui } = useTranslation('ui');
  const queries = useQueryClient();
  const { data: balance, error } = useBalance(moving);
  if (!balance && error)
    return <ReadFailure error={error} again={() => void queries.refetchQueries({ type: 'active' })} />;
  return (
    <section className="bal">
      <div className="lab">
        <h2>{t('home.balance')}</h2>
        <button
          type="button"
          className="tap"
          aria-pressed={hidden}
          aria-label={hidden ? ui('amount.show') : ui('amount.hide')}
          onClick={onToggle}
        >
          <Icon name={hidden ? 'no' : 'eye'} size={20} />
        </button>
      </div>
      {balance ? (
        <>
          <Amount money={balance.available} size={5} rule="final" hidden={hidden} />
          <BalanceNotes balance={balance} hidden={hidden} />
        </>
      ) : (
        <AmountSkeleton />
      )}
    </section>
  );
}

type Balance = NonNullable<ReturnType<typeof useBalance>['data']>;

function BalanceNotes({ balance, hidden }: { balance: Balance; hidden: boolean }) {
  const { t } = useTranslation('wallet');
  const { t: ui } = useTranslation('ui');
  const language = useLanguage();
  const at = instant(balance.checkedAt);
  const time = isToday(at) ? ui('todayAt', { time: formatClock(at) }) : formatMoment(at, language);
  return (
    <p className="under-bal note">
      <span>{t('home.checked', { time })}</span>
      {!hidden && !isZero(balance.held) && <span>{t('home.held', { amount: formatMoney(balance.held) })}</span>}
      {!hidden && !isZero(balance.asking) && (
        <span className="asking">{t('home.asking', { amount: formatMoney(balance.asking) })}</span>
      )}
    </p>
  );
}

const actions: readonly { to: string; icon: IconName; word: 'scan' | 'send' | 'topUp' | 'withdraw' }[] = [
  { to: paths.scan, icon: 'scan', word: 'scan' },
  { to: paths.send, icon: 'send', word: 'send' },
  { to: paths.topUp, icon: 'topup', word: 'topUp' },
  { to: paths.withdraw, icon: 'withdraw', word: 'withdraw' },
];

export function QuickActions() {
  const { t } = useTranslation('wallet');
  const { data: me } = useMe();
  // Each of them would only be refused.
  if (me?.accountState === 'closed') return null;
  return (
    <nav className="acts panel" aria-label={t('home.actions')}>
      {actions.map(({ to, icon, word }) => (
        <Link key={to} to={to}>
          <Icon name={icon} />
          <span>{t(`home.${word}`)}</span>
        </Link>
      ))}
    </nav>
  );
}
