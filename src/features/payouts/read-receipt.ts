import { assert } from '../../kernel/assert.ts';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import { refusal } from '../../causes/refusal.ts';
import type { Instants } from '../../operations/instant.ts';
import { operationKey } from '../../operations/operation-key.ts';
import { proveMovement, type ReceiptLog } from '../books/prove-movement.ts';
import type { Merchant } from '../merchants/merchant.ts';
import { receiptOf, type MerchantReceipt } from '../merchants/read-receipt.ts';

/** Proof of a payout that was made. Cause: `operation.not_found`, also for another merchant's. */
export async function readPayoutReceipt(
  deps: { instants: Instants; log: ReceiptLog },
  merchant: Merchant,
  id: Uuid,
): Promise<MerchantReceipt> {
  const record = await deps.instants.read(operationKey(merchant.id, id));
  if (record?.kind !== 'payout') throw refusal('operation.not_found');
  const transactionId = record.result?.['transactionId'];
  assert(typeof transactionId === 'string', 'a payout is written when it is paid');
  const payee = record.data['payeePhoneMasked'];
  const proven = await proveMovement(deps.log, uuid(transactionId));
  return receiptOf(merchant, proven, {
    kind: 'payout',
    direction: 'out',
    counterparty: typeof payee === 'string' ? payee : '',
  });
}
