import { CNY } from '../../kernel/currencies.ts';
import { toPublicId, uuid, type Uuid } from '../../kernel/ids.ts';
import { money, type Money } from '../../kernel/money.ts';
import type { HistoryEntry, Ledger } from '../../ledger/ledger.ts';
import type { OperationRecord } from '../../operations/flow.ts';
import { accountId, transferCodes } from '../books/chart.ts';
import type { Merchant } from './merchant.ts';

/** A line of a merchant's account, by what it asked for; whose the other side is it is not told. */
export type Movement = {
  id: Uuid;
  kind: 'order' | 'payout' | 'other';
  /** The merchant's own id of the order or payout, as the API has it; null for what it did not ask for. */
  of: string | null;
  direction: 'in' | 'out';
  amount: Money;
  balanceAfter: Money;
  at: Date;
};

/** All that moved a merchant's balance, the newest first: what it holds its own books to. */
export async function listMovements(
  deps: {
    ledger: Ledger;
    operations: { byKeys: (keys: readonly Uuid[]) => Promise<Map<Uuid, OperationRecord>> };
    tellPayouts: (entries: readonly HistoryEntry[]) => Promise<Map<Uuid, { id: Uuid }>>;
  },
  merchant: Merchant,
  page: { before: bigint | undefined; limit: number },
): Promise<{ movements: Movement[]; next: bigint | undefined }> {
  const found = await deps.ledger.history(accountId(merchant.balanceAccount), {
    limit: page.limit,
    ...(page.before === undefined ? {} : { beforeSeq: page.before }),
  });
  const { entries } = found;
  const [records, payouts] = await Promise.all([
    deps.operations.byKeys(entries.flatMap(({ operationId }) => operationId ?? [])),
    deps.tellPayouts(entries),
  ]);
  const movements = entries.map((entry) =>
    describe(entry, entry.operationId && records.get(entry.operationId), payouts.get(entry.id)),
  );
  return { movements, next: found.nextBeforeSeq };
}

function describe(
  entry: HistoryEntry,
  record: OperationRecord | undefined,
  payout: { id: Uuid } | undefined,
): Movement {
  const { id, amount, balanceAfter, at } = entry;
  return {
    id,
    ...ownNameOf(entry, record, payout),
    direction: entry.side === 'credit' ? 'in' : 'out',
    amount: money(amount, CNY),
    balanceAfter: money(balanceAfter, CNY),
    at,
  };
}

function ownNameOf(
  { code }: HistoryEntry,
  record: OperationRecord | undefined,
  payout: { id: Uuid } | undefined,
): Pick<Movement, 'kind' | 'of'> {
  const orderId = record?.data['orderId'];
  if (code === transferCodes.payment) {
    return { kind: 'order', of: typeof orderId === 'string' ? toPublicId('ord', uuid(orderId)) : null };
  }
  if (code === transferCodes.payout) return { kind: 'payout', of: payout ? toPublicId('po', payout.id) : null };
  return { kind: 'other', of: null };
}
