import type { Clock } from '../../kernel/clock.ts';
import { humanReference, uuid } from '../../kernel/ids.ts';
import { refusal } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import { proveMovement, type ProvenMovement, type ReceiptLog } from '../books/prove-movement.ts';
import type { Merchant } from './merchant.ts';
import { paymentTransferId, readMerchantOrder } from './order.ts';

/**
 * One movement of a merchant's balance with what proves it. Of the other side it has no more than the merchant knows
 * anyway, and the number of its account, which is a part of the entry.
 */
export type MerchantReceipt = ProvenMovement & {
  kind: 'pay' | 'payout';
  direction: 'in' | 'out';
  account: bigint;
  /** Whom a payout went to, as the merchant named them, masked; empty for an order, whose payer it is not told. */
  counterparty: string;
  /** What the other side's wallet shows too. */
  reference: string;
};

/** Proof of the movement that paid an order. Cause: `operation.not_found` also for one that is not paid. */
export async function readOrderReceipt(
  deps: { database: Database; clock: Clock; log: ReceiptLog },
  merchant: Merchant,
  publicId: string,
): Promise<MerchantReceipt> {
  const order = await readMerchantOrder(deps, merchant, publicId);
  if (order.state !== 'paid') throw refusal('operation.not_found');
  const proven = await proveMovement(deps.log, paymentTransferId(order.id));
  const { id, operationId } = proven.proof.transfer;
  const reference = humanReference(uuid(operationId ?? id));
  return receiptOf(merchant, proven, { kind: 'pay', direction: 'in', counterparty: '', reference });
}

export const receiptOf = (
  merchant: Merchant,
  proven: ProvenMovement,
  told: Pick<MerchantReceipt, 'kind' | 'direction' | 'counterparty' | 'reference'>,
): MerchantReceipt => ({ ...proven, ...told, account: merchant.balanceAccount });
