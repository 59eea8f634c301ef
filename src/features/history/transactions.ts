import { assert } from '../../kernel/assert.ts';
import { CNY } from '../../kernel/currencies.ts';
import { money, type Money } from '../../kernel/money.ts';
import { humanReference, type Uuid } from '../../kernel/ids.ts';
import type { LocalText } from '../../kernel/failure.ts';
import { refusal } from '../../causes/refusal.ts';
import type { HistoryEntry, Ledger } from '../../ledger/ledger.ts';
import { nodeSha256, toLogged } from '../../ledger/proof/ledger-log.ts';
import type { OperationRecord } from '../../operations/flow.ts';
import { bankNameOf } from '../../policy/banks.ts';
import { hashLeaf } from '../../proof/merkle.ts';
import { leafContent, toHex } from '../../proof/receipt.ts';
import { accountId, transferCodes } from '../books/chart.ts';
import type { Person } from '../people/person.ts';

export type TransactionKind = 'top_up' | 'withdraw' | 'pay' | 'transfer_out' | 'transfer_in';

/** A movement of one's balance, as its line in the book has it, with the words of its operation. */
export type Transaction = {
  id: Uuid;
  kind: TransactionKind;
  counterparty: LocalText;
  note: string;
  amount: Money;
  direction: 'in' | 'out';
  at: Date;
  balanceBefore: Money;
  balanceAfter: Money;
  reference: string;
  operationId: Uuid | null;
  startedAt: Date;
  seq: bigint;
  /** A digest of the line, by which two people can see that they look at the same one. */
  entryDigest: string;
};

export type HistoryDependencies = {
  ledger: Ledger;
  operations: { byKeys: (keys: readonly Uuid[]) => Promise<Map<Uuid, OperationRecord>> };
  tellPayouts: (entries: readonly HistoryEntry[]) => Promise<Map<Uuid, ToldPayout>>;
};

/** What a merchant paid, which is no operation of anybody here. */
type ToldPayout = { merchantName: string; note: string; reference: string };

const same = (text: string): LocalText => ({ 'zh-CN': text, en: text });
const text = (record: OperationRecord | undefined, name: string): string => {
  const value = record?.data[name];
  return typeof value === 'string' ? value : '';
};

function kindOf(entry: HistoryEntry, record: OperationRecord | undefined): TransactionKind {
  switch (entry.code) {
    case transferCodes.topUp:
      return 'top_up';
    case transferCodes.withdrawal:
      return 'withdraw';
    case transferCodes.payment:
      return 'pay';
    case transferCodes.returned:
      // What had been set aside came to its owner after all: it is what it was to be.
      return record?.kind === 'withdraw' ? 'withdraw' : 'top_up';
    default:
      return entry.side === 'debit' ? 'transfer_out' : 'transfer_in';
  }
}

function counterpartyOf(kind: TransactionKind, record: OperationRecord | undefined): LocalText {
  switch (kind) {
    case 'top_up':
    case 'withdraw': {
      const name = bankNameOf(text(record, 'bankCode'));
      const last4 = text(record, 'last4');
      return { 'zh-CN': `${name['zh-CN']} ${last4}`, en: `${name.en} ${last4}` };
    }
    case 'pay':
      return same(text(record, 'merchantName'));
    case 'transfer_out':
      return same(text(record, 'payeeNameMasked'));
    case 'transfer_in':
      return same(text(record, 'payerNameMasked'));
  }
}

/** The lines with the words of their operations, which are read all at once. */
async function describeAll(
  deps: HistoryDependencies,
  person: Person,
  entries: readonly HistoryEntry[],
): Promise<Transaction[]> {
  const [records, payouts] = await Promise.all([
    deps.operations.byKeys(entries.flatMap(({ operationId }) => operationId ?? [])),
    deps.tellPayouts(entries),
  ]);
  return entries.map((entry) =>
    describe(person, entry, entry.operationId && records.get(entry.operationId), payouts.get(entry.id)),
  );
}

function describe(
  person: Person,
  entry: HistoryEntry,
  record: OperationRecord | undefined,
  payout: ToldPayout | undefined,
): Transaction {
  const kind = kindOf(entry, record);
  const signed = entry.side === 'credit' ? entry.amount : -entry.amount;
  return {
    id: entry.id,
    kind,
    counterparty: payout ? same(payout.merchantName) : counterpartyOf(kind, record),
    note: payout?.note ?? (kind === 'pay' ? text(record, 'description') : text(record, 'note')),
    amount: money(entry.amount, CNY),
    direction: entry.side === 'credit' ? 'in' : 'out',
    at: entry.at,
    balanceBefore: money(entry.balanceAfter - signed, CNY),
    balanceAfter: money(entry.balanceAfter, CNY),
    reference: payout?.reference ?? humanReference(entry.operationId ?? entry.id),
    operationId: record && record.ownerId === person.id ? record.id : null,
    startedAt: record?.createdAt ?? entry.at,
    seq: entry.seq,
    entryDigest: digestOf(entry),
  };
}

/** The hash of the entry in the ledger's log, as the receipt of it has it too. */
const digestOf = (entry: HistoryEntry): string => toHex(hashLeaf(nodeSha256, leafContent(toLogged(entry))));

/** One's movements, the newest first. `before` is the place in the book to go on from. */
export async function listTransactions(
  deps: HistoryDependencies,
  person: Person,
  page: { before?: bigint; limit: number },
): Promise<{ transactions: Transaction[]; next: bigint | undefined }> {
  const found = await deps.ledger.history(accountId(person.balanceAccount), {
    limit: page.limit,
    ...(page.before === undefined ? {} : { beforeSeq: page.before }),
  });
  return { transactions: await describeAll(deps, person, found.entries), next: found.nextBeforeSeq };
}

/** One movement of this person. Another's is simply not there. Cause: `operation.not_found`. */
export async function readTransaction(deps: HistoryDependencies, person: Person, id: Uuid): Promise<Transaction> {
  const account = accountId(person.balanceAccount);
  const transfer = await deps.ledger.transfer(id);
  if (!transfer || (transfer.debitAccountId !== account && transfer.creditAccountId !== account))
    throw refusal('operation.not_found');
  const found = await deps.ledger.history(account, { beforeSeq: transfer.seq + 1n, limit: 1 });
  const entry = found.entries[0];
  if (entry?.id !== id) throw refusal('operation.not_found');
  const [transaction] = await describeAll(deps, person, [entry]);
  assert(transaction, 'one for each line');
  return transaction;
}
