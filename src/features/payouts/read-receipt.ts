import type { Uuid } from '../../kernel/ids.ts';
import { refusal } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { proveMovement, type ReceiptLog } from '../books/prove-movement.ts';
import type { Merchant } from '../merchants/merchant.ts';
import { receiptOf, type MerchantReceipt } from '../merchants/read-receipt.ts';
import { payoutTransferId, tellPayouts } from './tell-payouts.ts';

/** Proof of a payout that was made. Cause: `operation.not_found`, also for another merchant's. */
export async function readPayoutReceipt(
  deps: { database: Database; ledger: Ledger; log: ReceiptLog },
  merchant: Merchant,
  id: Uuid,
): Promise<MerchantReceipt> {
  const movement = await deps.ledger.transfer(payoutTransferId(merchant.id, id));
  const told = movement && (await tellPayouts(deps.database, [movement])).get(movement.id);
  if (!told) throw refusal('operation.not_found');
  const proven = await proveMovement(deps.log, movement.id);
  return receiptOf(merchant, proven, {
    kind: 'payout',
    direction: 'out',
    counterparty: told.payeePhoneMasked,
    reference: told.reference,
  });
}
