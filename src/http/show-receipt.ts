import type { Receipt } from '../features/history/read-receipt.ts';
import type { LedgerReceipt as WireReceipt } from '../contract/receipt.ts';
import type { LedgerReceipt } from '../proof/receipt.ts';
import type { Language } from './dependencies.ts';

/** The entry as its hash was made; nothing of either side's balance is in it. */
export function showReceipt(receipt: Receipt, language: Language, wallet: string): WireReceipt {
  const { transaction, proof } = receipt;
  return {
    format: 'purser-receipt-1',
    wallet,
    told: {
      kind: transaction.kind,
      direction: transaction.direction,
      account: receipt.account.toString(),
      counterparty: transaction.counterparty[language],
      reference: transaction.reference,
    },
    transfer: showTransfer(proof.transfer),
    leaf: proof.leaf,
    path: proof.path,
    head: proof.head,
    key: receipt.key,
  };
}

const showTransfer = (transfer: LedgerReceipt['transfer']): WireReceipt['transfer'] => ({
  ...transfer,
  kind: transfer.kind as WireReceipt['transfer']['kind'],
});
