import { useTranslation } from 'react-i18next';
import { AmountKeypad } from '../../../ui/amount-field.tsx';
import { Button } from '../../../ui/button.tsx';
import { Field } from '../../../ui/field.tsx';
import { formatMoney } from '../../../ui/format-money.ts';
import { LimitBar } from '../../../ui/limit-bar.tsx';
import { Glyph, ListRow } from '../../../ui/list-row.tsx';
import { MaskedText } from '../../../ui/masked-text.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { AmountInput } from '../parts/amount-entry.tsx';
import { useOnline } from '../parts/use-online.ts';
import { useBalance, useLimits } from '../parts/wallet-door.ts';
import type { Payee } from './payee-form.tsx';
import type { Sending } from './use-sending.ts';

/** How much, and a note that the payee will see. */
export function SumForm({ send, payee, onBack }: { send: Sending; payee: Payee; onBack: () => void }) {
  const { t } = useTranslation('flows');
  const online = useOnline();
  const { balance } = useBalance();
  const { limits } = useLimits();
  const { amount } = send;
  const minor = amount.minor ?? 0n;
  const day = limits?.find(({ limit }) => limit === 'balance_day');
  const reason = !online ? t('common.offlineButton') : minor === 0n ? t('amount.enterAmount') : undefined;
  return (
    <Screen
      title={t('send.title')}
      onBack={onBack}
      dock={
        <Button onPress={() => void send.review()} busy={send.busy} reason={reason}>
          {t('amount.review')}
        </Button>
      }
      keys={<AmountKeypad onKey={amount.press} />}
    >
      <div className="panel flow-card">
        <ListRow
          leading={<Glyph icon="you" />}
          title={<span className="strong">{payee.nameMasked}</span>}
          note={<MaskedText text={payee.phoneMasked} />}
          end={<span className="note">{t('send.change')}</span>}
          onPress={onBack}
        />
      </div>
      <AmountInput label={t('send.amount')} amount={amount} />
      <div className="flow-facts">
        <Field
          label={t('send.note')}
          value={send.note}
          onChange={send.setNote}
          maxLength={100}
          autoComplete="off"
          placeholder={t('send.notePlaceholder')}
        />
        {balance && (
          <div className="kv flow-line">
            <span className="soft">{t('topUp.balance')}</span>
            <span className={minor > BigInt(balance.available.minor) ? 'num strong attend' : 'num strong'}>
              {formatMoney(balance.available)}
            </span>
          </div>
        )}
        {day && (
          <LimitBar
            label={t('send.limitDay')}
            available={day.available}
            allowance={day.allowance}
            attend={minor > BigInt(day.available.minor)}
          />
        )}
      </div>
    </Screen>
  );
}
