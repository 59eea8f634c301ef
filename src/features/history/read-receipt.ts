import { refusal } from '../../causes/refusal.ts';
import type { Clock } from '../../kernel/clock.ts';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import type { OperationRecord } from '../../operations/flow.ts';
import { proveMovement, type ProvenMovement, type ReceiptLog } from '../books/prove-movement.ts';
import type { Person } from '../people/person.ts';
import { readTransaction, type HistoryDependencies, type Transaction } from './transactions.ts';

export type ReceiptDependencies = HistoryDependencies & { clock: Clock; log: ReceiptLog };

/** A movement with what proves it. `account` is the number of the person's own side. */
export type Receipt = ProvenMovement & { transaction: Transaction; account: bigint };

/** What a person may keep of one movement. Another's is simply not there. Cause: `operation.not_found`. */
export async function readReceipt(deps: ReceiptDependencies, person: Person, transactionId: Uuid): Promise<Receipt> {
  const transaction = await readTransaction(deps, person, transactionId);
  return { transaction, account: person.balanceAccount, ...(await proveMovement(deps.log, transactionId)) };
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
