import { useTranslation } from 'react-i18next';
import type { OperationOf } from '../../../../src/contract/operations.ts';
import { instant } from '../../../client/clock.ts';
import { Amount } from '../../../ui/amount.tsx';
import { BankPlate } from '../../../ui/bank-plate.tsx';
import type { Content } from '../../../ui/content.ts';
import { ContextLine } from '../../../ui/failure-card.tsx';
import { formatMoment } from '../../../ui/format-time.ts';
import { useLanguage } from '../../../ui/language.ts';
import { Glyph } from '../../../ui/list-row.tsx';
import type { ReceiptKind } from '../../../ui/receipt.tsx';

export type MoneyKind = 'top_up' | 'withdraw' | 'pay' | 'transfer';
export type MoneyOperation = { [K in MoneyKind]: OperationOf<K> }[MoneyKind];

export const isMoneyOperation = (operation: { kind: string }): operation is MoneyOperation =>
  ['top_up', 'withdraw', 'pay', 'transfer'].includes(operation.kind);

export const receiptKinds = {
  top_up: 'top_up',
  withdraw: 'withdraw',
  pay: 'pay',
  transfer: 'transfer_out',
} as const satisfies Record<MoneyKind, ReceiptKind>;
export const wordsOfKind = { top_up: 'topUp', withdraw: 'withdraw', pay: 'pay', transfer: 'send' } as const;

const NOUGHT = '0.00';

/** Whom or what it is with: `工商银行 3391`, a merchant, a masked person. */
export function useCounterparty(operation: MoneyOperation): string {
  const { t } = useTranslation('ui');
  switch (operation.kind) {
    case 'top_up':
    case 'withdraw': {
      const { bankName, last4 } = operation.details.card;
      return t('bankCard', { bank: bankName, last4 });
    }
    case 'pay':
      return operation.details.merchantName;
    case 'transfer':
      return operation.details.payeeNameMasked;
  }
}

/** The line above a card: what it was about, when, and the sum. */
export function MoneyContext({ operation }: { operation: MoneyOperation }) {
  const language = useLanguage();
  const counterparty = useCounterparty(operation);
  const { t } = useTranslation('ui');
  const at = instant(operation.createdAt);
  const moment = formatMoment(at, language);
  const isCard = operation.kind === 'top_up' || operation.kind === 'withdraw';
  return (
    <ContextLine
      leading={
        isCard ? (
          <BankPlate bankCode={operation.details.card.bankCode} />
        ) : (
          <Glyph icon={operation.kind === 'pay' ? 'people' : 'you'} />
        )
      }
      title={counterparty}
      note={moment.length === 5 ? t('todayAt', { time: moment }) : moment}
      end={operation.amount && <Amount money={operation.amount} soft />}
    />
  );
}

/** Where each side stands after a failure that moved nothing: nought out, nought in, said rather than assumed. */
export function useBook(operation: MoneyOperation): { label: Content; value: Content }[] {
  const { t } = useTranslation('ui');
  const counterparty = useCounterparty(operation);
  const balance = t('money.balance');
  const out = t('money.debited', { amount: NOUGHT });
  const into = t('money.credited', { amount: NOUGHT });
  const received = t('money.received', { amount: NOUGHT });
  if (operation.moneyMoved !== 'no') return [];
  switch (operation.kind) {
    case 'top_up':
      return [
        { label: counterparty, value: out },
        { label: balance, value: into },
      ];
    case 'withdraw':
      return [
        { label: balance, value: out },
        { label: counterparty, value: into },
      ];
    case 'pay':
    case 'transfer':
      return [
        { label: balance, value: out },
        { label: counterparty, value: received },
      ];
  }
}
