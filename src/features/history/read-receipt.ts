import { refusal } from '../../causes/refusal.ts';
import { assert } from '../../kernel/assert.ts';
import type { Clock } from '../../kernel/clock.ts';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import type { OperationRecord } from '../../operations/flow.ts';
import type { LedgerReceipt, PublishedKey } from '../../proof/receipt.ts';
import type { Person } from '../people/person.ts';
import { readTransaction, type HistoryDependencies, type Transaction } from './transactions.ts';

export type ReceiptDependencies = HistoryDependencies & {
  clock: Clock;
  /** The ledger's log: gives a receipt for every transfer that is there, and makes a head for it where none covers it. */
  log: {
    receiptNow: (transferId: Uuid) => Promise<LedgerReceipt | undefined>;
    keys: () => Promise<PublishedKey[]>;
  };
};

/** A movement with what proves it. `account` is the number of the person's own side. */
export type Receipt = { transaction: Transaction; account: bigint; proof: LedgerReceipt; key: PublishedKey };

/** What a person may keep of one movement. Another's is simply not there. Cause: `operation.not_found`. */
export async function readReceipt(deps: ReceiptDependencies, person: Person, transactionId: Uuid): Promise<Receipt> {
  const transaction = await readTransaction(deps, person, transactionId);
  const proof = await deps.log.receiptNow(transactionId);
  assert(proof, 'what stands in the book has a receipt');
  const key = (await deps.log.keys()).find(({ keyId }) => keyId === proof.head.keyId);
  assert(key, 'every key that signed is published');
  return { transaction, account: person.balanceAccount, proof, key };
}

/**
 * The receipt of an operation that moved money. Causes: `operation.in_progress` while it has not ended,
 * `operation.not_found` when it ended without a movement.
 */
export async function readReceiptOfOperation(
  deps: ReceiptDependencies,
  person: Person,
  operation: OperationRecord,
): Promise<Receipt> {
  const transactionId = operation.result?.['transactionId'];
  if (typeof transactionId === 'string') return readReceipt(deps, person, uuid(transactionId));
  if (operation.endedAt === null) {
    throw refusal('operation.in_progress', { params: { until: operation.deadlineAt ?? deps.clock.now() } });
  }
  throw refusal('operation.not_found');
}
