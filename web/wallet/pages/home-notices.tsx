import { useTranslation } from 'react-i18next';
import type { Me } from '../../../src/contract/wallet.ts';
import { momentOf } from '../../ui/format-time.ts';
import { useLanguage } from '../../ui/language.ts';
import { Notice } from '../../ui/notice.tsx';
import { paths } from '../flows/paths.ts';
import { useCards, useMe, useStatus } from '../queries.ts';

/** At most one thing to do and one thing to know: the next step of a new wallet, and a bank of one's own in trouble. */
export function HomeNotices() {
  return (
    <div className="under-acts stack">
      <NextStep />
      <BankTrouble />
    </div>
  );
}

const toOf = ({ accountState, accountCause }: Me): string =>
  accountState === 'closed' ? paths.close : accountCause === 'account.frozen_by_you' ? paths.freeze : '/me';

function NextStep() {
  const { t } = useTranslation('wallet');
  const language = useLanguage();
  const { data: me } = useMe();
  const { data: cards } = useCards();
  if (!me) return null;
  if (me.accountState !== 'normal')
    return (
      <Notice icon="lock" lead={t(`home.limitedLead.${me.accountState}`)} to={toOf(me)}>
        {t(me.accountState === 'closed' ? 'home.closed' : 'home.limited')}
      </Notice>
    );
  if (me.pinReset)
    return (
      <Notice icon="lock" lead={t('home.pinResetLead')} to={paths.freeze}>
        {t('home.pinReset', { time: momentOf(me.pinReset.pausedUntil, language) })}
      </Notice>
    );
  if (!me.identityVerified)
    return (
      <Notice icon="shield" lead={t('home.verifyLead')} to={paths.verify}>
        {t('home.verify')}
      </Notice>
    );
  if (!me.pinSet)
    return (
      <Notice icon="lock" lead={t('home.pinLead')} to={paths.pin}>
        {t('home.pin')}
      </Notice>
    );
  if (cards?.cards.length === 0)
    return (
      <Notice icon="card" lead={t('home.bindLead')} to={paths.bind}>
        {t('home.bind')}
      </Notice>
    );
  return null;
}

function BankTrouble() {
  const { t } = useTranslation('wallet');
  const language = useLanguage();
  const { data: cards } = useCards();
  const { data: status } = useStatus();
  const mine = new Set(cards?.cards.map(({ bankCode }) => bankCode));
  const bank = status?.banks.find(({ bankCode, state }) => state !== 'up' && mine.has(bankCode));
  if (!bank || bank.state === 'up') return null;
  return (
    <Notice icon="bank" lead={t(`home.bankLead.${bank.state}`, { bank: bank.bankName })} to={paths.status}>
      {bank.until && bank.state !== 'slow'
        ? t('home.bank.until', { time: momentOf(bank.until, language) })
        : t(`home.bank.${bank.state}`)}
    </Notice>
  );
}
