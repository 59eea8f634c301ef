import { useTranslation } from 'react-i18next';
import type { Card } from '../../../../src/contract/wallet.ts';
import { AmountKeypad } from '../../../ui/amount-field.tsx';
import { Button } from '../../../ui/button.tsx';
import { formatMoney } from '../../../ui/format-money.ts';
import { LimitBar } from '../../../ui/limit-bar.tsx';
import { Facts } from '../../../ui/panel.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { wordsOfKind } from '../operation/money-facts.tsx';
import { AmountInput } from '../parts/amount-entry.tsx';
import { ChosenCard } from '../parts/card-choice.tsx';
import { useOnline } from '../parts/use-online.ts';
import { useBalance } from '../parts/wallet-door.ts';
import type { CardMove, CardMoveKind } from './use-card-move.ts';

type FormProps = { kind: CardMoveKind; card: Card; move: CardMove; onChoose: () => void; onBack: () => void };

const yuan = (minor: bigint) => formatMoney({ minor: minor.toString(), currency: 'CNY' });

/** The card, the amount, what it costs, what arrives and what is left: all before anything is sent. */
export function CardMoveForm({ kind, card, move, onChoose, onBack }: FormProps) {
  const { t } = useTranslation('flows');
  const online = useOnline();
  const { balance } = useBalance();
  const { amount, busy } = move;
  const minor = amount.minor ?? 0n;
  const words = wordsOfKind[kind];
  const short =
    kind === 'top_up'
      ? minor > BigInt(card.topUp.available.minor)
      : balance !== undefined && minor > BigInt(balance.available.minor);
  const reason = !online ? t('common.offlineButton') : minor === 0n ? t('amount.enterAmount') : undefined;
  return (
    <Screen
      title={t(`${words}.title`)}
      onBack={onBack}
      dock={
        <Button onPress={() => void move.review()} busy={busy} reason={reason}>
          {t('amount.review')}
        </Button>
      }
      keys={<AmountKeypad onKey={amount.press} />}
    >
      <ChosenCard card={card} onChange={onChoose} />
      <AmountInput label={t(`${words}.amount`)} amount={amount} />
      <div className="flow-facts">
        <Facts
          ruled
          items={[
            { label: t('amount.fee'), value: <span className="num">{yuan(0n)}</span> },
            {
              label: t('amount.arrives'),
              value: minor > 0n ? <Arrives minor={minor} /> : <span className="soft">{t('amount.inSeconds')}</span>,
            },
          ]}
        />
        {kind === 'top_up' ? (
          <LimitBar
            label={t('topUp.limitDay')}
            available={card.topUp.available}
            allowance={card.topUp.allowance}
            attend={short}
          />
        ) : (
          balance && (
            <div className="kv flow-line">
              <span className="soft">{t('withdraw.available')}</span>
              <span className="inline">
                <span className={short ? 'num strong attend' : 'num strong'}>{formatMoney(balance.available)}</span>
                <button
                  type="button"
                  className="link link-s"
                  onClick={() => amount.set(BigInt(balance.available.minor))}
                >
                  {t('withdraw.all')}
                </button>
              </span>
            </div>
          )
        )}
      </div>
    </Screen>
  );
}

function Arrives({ minor }: { minor: bigint }) {
  const { t } = useTranslation('flows');
  return (
    <>
      <span className="num strong">{yuan(minor)}</span>
      {t('common.pauseMark')}
      {t('amount.inSeconds')}
    </>
  );
}
