import { useTranslation } from 'react-i18next';
import { Amount } from '../../../ui/amount.tsx';
import { Button } from '../../../ui/button.tsx';
import { formatMoney, subtractMoney } from '../../../ui/format-money.ts';
import { MaskedText } from '../../../ui/masked-text.tsx';
import { Facts } from '../../../ui/panel.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { useOnline } from '../parts/use-online.ts';
import { useBalance } from '../parts/wallet-door.ts';
import type { Payee } from './payee-form.tsx';
import type { Sending } from './use-sending.ts';

/** The review of a sum that its owner lets leave without the PIN: the same facts, and a button that sends it. */
export function SmallSendView({ send, payee, onBack }: { send: Sending; payee: Payee; onBack: () => void }) {
  const { t } = useTranslation('flows');
  const online = useOnline();
  const { balance } = useBalance();
  const { small, withoutPin } = send;
  if (!withoutPin) return null;
  const { amount, note } = withoutPin;
  const sum = formatMoney(amount);
  const money = (text: string) => <span className="num">{text}</span>;
  return (
    <Screen
      title={t('send.title')}
      onBack={onBack}
      dock={
        <Button
          onPress={() => void send.sendSmall()}
          busy={send.busy}
          reason={online ? undefined : t('common.offlineButton')}
        >
          {t('small.sendNow', { amount: sum })}
        </Button>
      }
    >
      <h2 className="title flow-head">{t('send.confirmTitle')}</h2>
      <div className="flow-sum">
        <Amount money={amount} size={5} rule="held" />
      </div>
      <div className="flow-gap">
        <Facts
          panel
          ruled
          items={[
            {
              label: t('confirm.to'),
              value: (
                <>
                  {payee.nameMasked} <MaskedText text={payee.phoneMasked} />
                </>
              ),
            },
            ...(note === undefined ? [] : [{ label: t('confirm.note'), value: note }]),
            { label: t('send.leaves'), value: money(sum) },
            { label: t('confirm.fee'), value: money(formatMoney({ ...amount, minor: '0' })) },
            ...(balance
              ? [
                  {
                    label: t('confirm.balanceAfter'),
                    value: money(formatMoney(subtractMoney(balance.available, amount))),
                  },
                ]
              : []),
          ]}
        />
      </div>
      {small?.upTo && <p className="note flow-gap">{t('small.noPin', { amount: formatMoney(small.upTo) })}</p>}
    </Screen>
  );
}
