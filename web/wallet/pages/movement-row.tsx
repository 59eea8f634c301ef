import { useTranslation } from 'react-i18next';
import type { OperationKind, OperationShape } from '../../../src/contract/operations.ts';
import type { TransactionItem } from '../../../src/contract/wallet.ts';
import { instant } from '../../client/clock.ts';
import { Amount, type Rule } from '../../ui/amount.tsx';
import { formatClock, momentOf } from '../../ui/format-time.ts';
import type { IconName } from '../../ui/icon-shapes.ts';
import { useLanguage } from '../../ui/language.ts';
import { ListRow } from '../../ui/list-row.tsx';
import { paths } from '../flows/paths.ts';

const movementIcons: Record<TransactionItem['kind'], IconName> = {
  top_up: 'topup',
  withdraw: 'withdraw',
  pay: 'out',
  transfer_out: 'send',
  transfer_in: 'in',
  refund: 'in',
};

/** One entry of the book; leads to its receipt. */
export function MovementRow({ item, hidden }: { item: TransactionItem; hidden: boolean }) {
  const { t } = useTranslation('wallet');
  const time = formatClock(instant(item.at));
  return (
    <ListRow
      icon={movementIcons[item.kind]}
      title={t(`feed.${item.kind}`, { who: item.counterparty })}
      note={item.note ? `${time} · ${item.note}` : time}
      end={<Amount money={item.amount} direction={item.direction} bare hidden={hidden} />}
      to={`/history/${item.id}`}
      noMark
    />
  );
}

const operationIcons: Record<OperationKind, IconName> = {
  open_wallet: 'wallet',
  verify_identity: 'shield',
  reset_pin: 'lock',
  bind_card: 'card',
  top_up: 'topup',
  withdraw: 'withdraw',
  pay: 'out',
  transfer: 'send',
};

const rules: Partial<Record<OperationShape['state'], Rule>> = { asking: 'open', working: 'held', in_review: 'open' };

/** Something that is not finished; leads to where it goes on. */
export function OpenOperationRow({ operation, hidden }: { operation: OperationShape; hidden: boolean }) {
  const { t } = useTranslation('wallet');
  const note = usePendingWords(operation);
  const rule = rules[operation.state];
  return (
    <ListRow
      icon={operationIcons[operation.kind]}
      title={titleOf(operation) ?? t(`kind.${operation.kind}`)}
      note={note}
      tone={operation.state === 'needs_you' ? 'attend' : 'open'}
      end={operation.amount && <Amount money={operation.amount} bare hidden={hidden} {...(rule ? { rule } : {})} />}
      to={paths.operation(operation.id)}
      noMark={operation.amount !== null}
    />
  );
}

const titleOf = (operation: OperationShape): string | undefined =>
  operation.kind === 'pay' ? operation.details.merchantName : undefined;

function usePendingWords({ state, deadlineAt }: OperationShape): string {
  const { t } = useTranslation('wallet');
  const language = useLanguage();
  switch (state) {
    case 'asking':
      return deadlineAt ? t('pending.asking', { time: momentOf(deadlineAt, language) }) : t('pending.askingBare');
    case 'needs_you':
      return deadlineAt ? t('pending.needs_you', { time: momentOf(deadlineAt, language) }) : t('pending.needsYouBare');
    case 'in_review':
      return t('pending.in_review');
    default:
      return t('pending.working');
  }
}
