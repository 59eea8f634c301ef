import type { Receipt } from '../features/history/read-receipt.ts';
import type { MerchantReceipt } from '../features/merchants/read-receipt.ts';
import type { ProvenMovement } from '../features/books/prove-movement.ts';
import type { LedgerReceipt as WireReceipt } from '../contract/receipt.ts';
import type { LedgerReceipt } from '../proof/receipt.ts';
import type { Language } from './dependencies.ts';

export function showReceipt(receipt: Receipt, language: Language, wallet: string): WireReceipt {
  const { kind, direction, counterparty, reference } = receipt.transaction;
  const account = receipt.account.toString();
  return showProof(receipt, wallet, { kind, direction, account, counterparty: counterparty[language], reference });
}

export function showMerchantReceipt(receipt: MerchantReceipt, wallet: string): WireReceipt {
  const { kind, direction, account, counterparty, reference } = receipt;
  return showProof(receipt, wallet, { kind, direction, account: account.toString(), counterparty, reference });
}

/** The entry as its hash was made; nothing of either side's balance is in it. */
const showProof = (
  { proof, key, endorsements }: ProvenMovement,
  wallet: string,
  told: WireReceipt['told'],
): WireReceipt => ({
  format: 'purser-receipt-1',
  wallet,
  told,
  transfer: showTransfer(proof.transfer),
  leaf: proof.leaf,
  path: proof.path,
  head: proof.head,
  key,
  endorsements,
});

const showTransfer = (transfer: LedgerReceipt['transfer']): WireReceipt['transfer'] => ({
  ...transfer,
  kind: transfer.kind as WireReceipt['transfer']['kind'],
});
